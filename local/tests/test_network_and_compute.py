"""VPCs, security groups, launch templates, load balancers, groups."""

import base64

from conftest import DR, ZONE, att, outputs, policy, ref, resource, trust

AMI_PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64"


def subnet(index, cidr, **more):
    zone = {"Fn::Select": [index, {"Fn::GetAZs": ""}]}
    return resource("AWS::EC2::Subnet", {"VpcId": ref("Vpc"), "CidrBlock": cidr, "AvailabilityZone": zone, **more})


NETWORK = {
    "Vpc": resource(
        "AWS::EC2::VPC", {"CidrBlock": "10.10.0.0/16", "EnableDnsHostnames": True, "EnableDnsSupport": True}
    ),
    "A": subnet(0, "10.10.0.0/24", MapPublicIpOnLaunch=True),
    "B": subnet(1, "10.10.1.0/24"),
}
GROUP = resource("AWS::EC2::SecurityGroup", {"GroupDescription": "for a test", "VpcId": ref("Vpc")})


def test_a_vpc_with_all_its_parts(aws, deploy):
    resources = NETWORK | {
        "Gateway": resource("AWS::EC2::InternetGateway", {"Tags": [{"Key": "Name", "Value": "gate"}]}),
        "Attachment": resource(
            "AWS::EC2::VPCGatewayAttachment", {"VpcId": ref("Vpc"), "InternetGatewayId": ref("Gateway")}
        ),
        "Table": resource("AWS::EC2::RouteTable", {"VpcId": ref("Vpc")}),
        "Default": resource(
            "AWS::EC2::Route",
            {"RouteTableId": ref("Table"), "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": ref("Gateway")},
            DependsOn="Attachment",
        ),
        "Association": resource(
            "AWS::EC2::SubnetRouteTableAssociation", {"SubnetId": ref("A"), "RouteTableId": ref("Table")}
        ),
        "Address": resource("AWS::EC2::EIP", {"Domain": "vpc"}),
        "Nat": resource("AWS::EC2::NatGateway", {"SubnetId": ref("A"), "AllocationId": att("Address", "AllocationId")}),
        "Endpoint": resource(
            "AWS::EC2::VPCEndpoint",
            {
                "VpcId": ref("Vpc"),
                "VpcEndpointType": "Gateway",
                "ServiceName": {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"},
                "RouteTableIds": [ref("Table")],
            },
        ),
        "Logs": resource("AWS::Logs::LogGroup", {"LogGroupName": "flow", "RetentionInDays": 7}),
        "Role": resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("vpc-flow-logs.amazonaws.com")}),
        "Flow": resource(
            "AWS::EC2::FlowLog",
            {
                "ResourceId": ref("Vpc"),
                "ResourceType": "VPC",
                "TrafficType": "ALL",
                "DeliverLogsPermissionArn": att("Role", "Arn"),
                "LogGroupName": ref("Logs"),
            },
        ),
    }
    stack = deploy(
        resources,
        DR,
        Outputs=outputs(Zone=att("A", "AvailabilityZone"), DefaultGroup=att("Vpc", "DefaultSecurityGroup")),
    )
    ec2 = aws("ec2", DR)
    vpc = stack.id_of("Vpc")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    assert stack.outputs["Zone"] == "eu-west-1a"
    assert stack.outputs["DefaultGroup"].startswith("sg-")
    dns = ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    assert dns["EnableDnsHostnames"]["Value"] is True
    subnets = {item["SubnetId"]: item for item in ec2.describe_subnets(Filters=of_vpc)["Subnets"]}
    assert subnets[stack.id_of("A")]["MapPublicIpOnLaunch"] is True
    assert {item["AvailabilityZone"] for item in subnets.values()} == {"eu-west-1a", "eu-west-1b"}
    table = ec2.describe_route_tables(RouteTableIds=[stack.id_of("Table")])["RouteTables"][0]
    assert stack.id_of("Gateway") in {route.get("GatewayId") for route in table["Routes"]}
    assert [item["SubnetId"] for item in table["Associations"]] == [stack.id_of("A")]
    assert ec2.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"][0]["RouteTableIds"] == [stack.id_of("Table")]
    assert ec2.describe_nat_gateways(Filters=of_vpc)["NatGateways"][0]["State"] == "available"
    assert ec2.describe_flow_logs(Filter=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]

    changed = resources | {
        "Vpc": resource(
            "AWS::EC2::VPC", resources["Vpc"]["Properties"] | {"Tags": [{"Key": "Name", "Value": "renamed"}]}
        )
    }
    stack.update(changed)
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"] == [{"Key": "Name", "Value": "renamed"}]

    stack.delete()
    assert ec2.describe_vpcs(Filters=of_vpc)["Vpcs"] == []


def test_security_group_rules_come_change_and_go(aws, deploy):
    def resources(port):
        return NETWORK | {
            "Closed": resource(
                "AWS::EC2::SecurityGroup",
                {
                    "GroupDescription": "closed",
                    "VpcId": ref("Vpc"),
                    "SecurityGroupEgress": [
                        {"CidrIp": "255.255.255.255/32", "IpProtocol": "icmp", "FromPort": 252, "ToPort": 86}
                    ],
                },
            ),
            "Front": GROUP,
            "In": resource(
                "AWS::EC2::SecurityGroupIngress",
                {
                    "GroupId": att("Closed", "GroupId"),
                    "SourceSecurityGroupId": att("Front", "GroupId"),
                    "IpProtocol": "tcp",
                    "FromPort": port,
                    "ToPort": port,
                },
            ),
            "Out": resource(
                "AWS::EC2::SecurityGroupEgress",
                {
                    "GroupId": att("Front", "GroupId"),
                    "DestinationSecurityGroupId": att("Closed", "GroupId"),
                    "IpProtocol": "tcp",
                    "FromPort": port,
                    "ToPort": port,
                },
            ),
        }

    def ports(stack, logical_id, direction):
        groups = aws("ec2").describe_security_groups(GroupIds=[stack.id_of(logical_id)])["SecurityGroups"]
        return {rule.get("FromPort") for rule in groups[0][direction]}

    stack = deploy(resources(80))
    assert ports(stack, "Closed", "IpPermissions") == {80}
    assert ports(stack, "Closed", "IpPermissionsEgress") == {252}  # AWS's allow-all is gone
    assert 80 in ports(stack, "Front", "IpPermissionsEgress")
    stack.update(resources(81))
    assert ports(stack, "Closed", "IpPermissions") == {81}
    assert 80 not in ports(stack, "Front", "IpPermissionsEgress")


def load_balancer():
    forward = [{"Type": "forward", "TargetGroupArn": ref("Targets")}]
    return NETWORK | {
        "Group": GROUP,
        "Certificate": resource(
            "AWS::CertificateManager::Certificate",
            {
                "DomainName": "app.example.com",
                "SubjectAlternativeNames": ["primary.app.example.com"],
                "ValidationMethod": "DNS",
                "DomainValidationOptions": [{"DomainName": "app.example.com", "HostedZoneId": ZONE}],
            },
        ),
        "Balancer": resource(
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            {
                "Scheme": "internet-facing",
                "Type": "application",
                "Subnets": [ref("A"), ref("B")],
                "SecurityGroups": [att("Group", "GroupId")],
                "LoadBalancerAttributes": [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"}],
            },
        ),
        "Targets": resource(
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            {"Port": 8080, "Protocol": "HTTP", "VpcId": ref("Vpc"), "HealthCheckPath": "/health"},
        ),
        "Https": resource(
            "AWS::ElasticLoadBalancingV2::Listener",
            {
                "LoadBalancerArn": ref("Balancer"),
                "Port": 443,
                "Protocol": "HTTPS",
                "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "Certificates": [{"CertificateArn": ref("Certificate")}],
                "DefaultActions": forward,
            },
        ),
        "Http": resource(
            "AWS::ElasticLoadBalancingV2::Listener",
            {
                "LoadBalancerArn": ref("Balancer"),
                "Port": 80,
                "Protocol": "HTTP",
                "DefaultActions": [
                    {
                        "Type": "redirect",
                        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
                    }
                ],
            },
        ),
        "Unclaimed": resource(
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            {
                "ListenerArn": ref("Https"),
                "Priority": 900,
                "Conditions": [
                    {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/.well-known/pilotlight/*"]}}
                ],
                "Actions": [
                    {
                        "Type": "fixed-response",
                        "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "no"},
                    }
                ],
            },
        ),
    }


def test_a_load_balancer_with_listeners_and_a_fixed_response(aws, deploy):
    resources = load_balancer()
    stack = deploy(
        resources,
        Outputs=outputs(
            Dns=att("Balancer", "DNSName"),
            Zone=att("Balancer", "CanonicalHostedZoneID"),
            Full=att("Balancer", "LoadBalancerFullName"),
            TargetsFull=att("Targets", "TargetGroupFullName"),
        ),
    )
    elb, arn = aws("elbv2"), stack.id_of("Balancer")
    balancer = elb.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    assert stack.outputs["Dns"] == balancer["DNSName"]
    assert stack.outputs["Zone"] == "Z215JYRZR1TBD5"
    assert arn.endswith(f":loadbalancer/{stack.outputs['Full']}")
    assert stack.id_of("Targets").endswith(f":{stack.outputs['TargetsFull']}")
    assert stack.outputs["TargetsFull"].startswith("targetgroup/")
    assert len(balancer["LoadBalancerName"]) <= 32
    listeners = {item["Port"]: item for item in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]}
    assert listeners[443]["Certificates"][0]["CertificateArn"] == stack.id_of("Certificate")
    assert listeners[80]["DefaultActions"][0]["Type"] == "redirect"
    certificate = aws("acm").describe_certificate(CertificateArn=stack.id_of("Certificate"))["Certificate"]
    assert certificate["Status"] == "ISSUED"
    assert "primary.app.example.com" in certificate["SubjectAlternativeNames"]

    resources["Unclaimed"]["Properties"]["Priority"] = 901
    resources["Targets"]["Properties"]["HealthCheckPath"] = "/up"
    protected = [{"Key": "deletion_protection.enabled", "Value": "true"}]
    resources["Balancer"]["Properties"]["LoadBalancerAttributes"] = protected
    stack.update(resources)
    rules = elb.describe_rules(ListenerArn=stack.id_of("Https"))["Rules"]
    assert [rule["Priority"] for rule in rules if not rule["IsDefault"]] == ["901"]
    assert elb.describe_target_groups()["TargetGroups"][0]["HealthCheckPath"]
    attributes = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert protected[0] in attributes


def fleet(instance_type="t4g.small", maximum=4, minimum=0, **more):
    return NETWORK | {
        "Role": resource(
            "AWS::IAM::Role",
            {
                "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
            },
        ),
        "Profile": resource("AWS::IAM::InstanceProfile", {"Roles": [ref("Role")]}),
        "Template": resource(
            "AWS::EC2::LaunchTemplate",
            {
                "LaunchTemplateData": {
                    "ImageId": ref("Ami"),
                    "InstanceType": instance_type,
                    "IamInstanceProfile": {"Arn": att("Profile", "Arn")},
                    "MetadataOptions": {"HttpTokens": "required"},
                    "UserData": {"Fn::Base64": "#!/bin/sh\necho hello"},
                }
            },
        ),
        "Topic": resource("AWS::SNS::Topic"),
        "Targets": load_balancer()["Targets"],
        "Fleet": resource(
            "AWS::AutoScaling::AutoScalingGroup",
            {
                "MinSize": str(minimum),
                "MaxSize": str(maximum),
                "LaunchTemplate": {
                    "LaunchTemplateId": ref("Template"),
                    "Version": att("Template", "LatestVersionNumber"),
                },
                "VPCZoneIdentifier": [ref("A"), ref("B")],
                "TargetGroupARNs": [ref("Targets")],
                "HealthCheckType": "ELB",
                "HealthCheckGracePeriod": 120,
                "MetricsCollection": [{"Granularity": "1Minute"}],
                "NotificationConfigurations": [
                    {"TopicARN": ref("Topic"), "NotificationTypes": ["autoscaling:EC2_INSTANCE_LAUNCH_ERROR"]}
                ],
                "Tags": [{"Key": "Name", "Value": "fleet", "PropagateAtLaunch": True}],
            }
            | more,
        ),
        "Load": resource(
            "AWS::AutoScaling::ScalingPolicy",
            {
                "AutoScalingGroupName": ref("Fleet"),
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingConfiguration": {
                    "TargetValue": 500,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ALBRequestCountPerTarget",
                        "ResourceLabel": {"Fn::Sub": "app/x/1/${Targets.TargetGroupFullName}"},
                    },
                },
            },
        ),
    }


PARAMETERS = {"Ami": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": AMI_PARAMETER}}
PREVIOUS = [{"ParameterKey": "Ami", "UsePreviousValue": True}]


def group_of(aws, stack):
    groups = aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[stack.id_of("Fleet")])
    return groups["AutoScalingGroups"][0]


def test_a_standby_group_is_empty_and_scales(aws, deploy):
    stack = deploy(fleet(), Parameters=PARAMETERS)
    group = group_of(aws, stack)
    assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"], group["Instances"]) == (0, 0, 4, [])
    assert group["TargetGroupARNs"] == [stack.id_of("Targets")]
    policies = aws("autoscaling").describe_policies(AutoScalingGroupName=stack.id_of("Fleet"))["ScalingPolicies"]
    assert policies[0]["TargetTrackingConfiguration"]["TargetValue"] == 500
    notified = aws("autoscaling").describe_notification_configurations(AutoScalingGroupNames=[stack.id_of("Fleet")])
    assert notified["NotificationConfigurations"][0]["NotificationType"] == "autoscaling:EC2_INSTANCE_LAUNCH_ERROR"


def test_a_redeploy_with_a_changed_launch_template_makes_a_version_that_starts(aws, deploy):
    stack = deploy(fleet(), Parameters=PARAMETERS)
    stack.update(fleet("t4g.large"), parameters=PREVIOUS, Parameters=PARAMETERS)
    versions = aws("ec2").describe_launch_template_versions(LaunchTemplateId=stack.id_of("Template"))
    newest = versions["LaunchTemplateVersions"][-1]
    assert newest["VersionNumber"] == 2
    data = newest["LaunchTemplateData"]
    assert data["InstanceType"] == "t4g.large"
    assert data["ImageId"].startswith("ami-")
    assert base64.b64decode(data["UserData"]).startswith(b"#!/bin/sh")
    assert group_of(aws, stack)["LaunchTemplate"]["Version"] == "2"
    name = stack.id_of("Fleet")
    aws("autoscaling").set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)
    assert len(group_of(aws, stack)["Instances"]) == 1


def test_an_update_leaves_a_live_groups_size_alone(aws, deploy):
    stack = deploy(fleet(), Parameters=PARAMETERS)
    aws("autoscaling").set_desired_capacity(AutoScalingGroupName=stack.id_of("Fleet"), DesiredCapacity=2)
    stack.update(fleet(maximum=6), parameters=PREVIOUS, Parameters=PARAMETERS)
    group = group_of(aws, stack)
    assert (group["DesiredCapacity"], group["MaxSize"]) == (2, 6)
    stack.update(fleet(maximum=6, minimum=3), parameters=PREVIOUS, Parameters=PARAMETERS)
    assert group_of(aws, stack)["DesiredCapacity"] == 3


def test_a_second_group_of_the_same_name_is_refused(deploy):
    deploy(fleet(AutoScalingGroupName="fixed"), Parameters=PARAMETERS)
    stack = deploy(fleet(AutoScalingGroupName="fixed"), Parameters=PARAMETERS, expect="ROLLBACK_COMPLETE")
    assert "already exists: fixed" in stack.reasons


def test_roles_policies_and_profiles(aws, deploy):
    def resources(action):
        return {
            "Role": resource(
                "AWS::IAM::Role",
                {
                    "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
                    "Policies": [{"PolicyName": "inline", "PolicyDocument": policy(action)}],
                },
            ),
            "Attached": resource(
                "AWS::IAM::Policy",
                {"PolicyName": "attached", "PolicyDocument": policy(action), "Roles": [ref("Role")]},
            ),
            "Managed": resource(
                "AWS::IAM::ManagedPolicy",
                {"PolicyDocument": policy(action), "Roles": [ref("Role")], "Description": "managed"},
            ),
            "Profile": resource("AWS::IAM::InstanceProfile", {"Roles": [ref("Role")]}),
        }

    def action(document):
        return document["Statement"][0]["Action"]

    stack = deploy(resources("s3:GetObject"), Outputs=outputs(Arn=att("Role", "Arn"), Profile=att("Profile", "Arn")))
    iam, role = aws("iam"), stack.id_of("Role")
    assert stack.outputs["Arn"] == f"arn:aws:iam::123456789012:role/{role}"
    assert ":instance-profile/" in stack.outputs["Profile"]
    assert {*iam.list_role_policies(RoleName=role)["PolicyNames"]} == {"inline", "attached"}
    stack.update(resources("s3:PutObject"))
    for name in ("inline", "attached"):
        assert action(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) == ["s3:PutObject"]
    managed = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"][0]["PolicyArn"]
    assert managed == stack.id_of("Managed")
    version = iam.get_policy(PolicyArn=managed)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=managed, VersionId=version)["PolicyVersion"]["Document"]
    assert action(document) == ["s3:PutObject"]
    stack.delete()
    assert role not in {item["RoleName"] for item in iam.list_roles()["Roles"]}
