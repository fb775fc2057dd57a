"""VPC, subnets, routes, gateways, endpoints and flow logs."""

from typing import Any

from pilotlight_local.cloudformation.resource import (
    Properties,
    Resource,
    changed,
    only,
    removed_tags,
    tag_list,
)


class Ec2Resource(Resource):
    """Something with an EC2 id that carries tags."""

    def tag(self, old: Properties, new: Properties, resource_id: str | None = None) -> None:
        ids = [resource_id or self.physical_resource_id]
        gone = removed_tags(old.get("Tags"), new.get("Tags"))
        if gone:
            self.call("ec2", "delete_tags", Resources=ids, Tags=[{"Key": key} for key in gone])
        if new.get("Tags"):
            self.call("ec2", "create_tags", Resources=ids, Tags=tag_list(new["Tags"]))

    def update(self, old: Properties, new: Properties) -> None:
        self.tag(old, new)


class Vpc(Ec2Resource):
    type = "AWS::EC2::VPC"
    readable = ("VpcId", "CidrBlock", "DefaultSecurityGroup", "DefaultNetworkAcl")
    create_only = ("CidrBlock",)

    def create(self, properties: Properties) -> None:
        vpc = self.call("ec2", "create_vpc", **only(properties, "CidrBlock", "InstanceTenancy"))["Vpc"]
        self.physical_resource_id = vpc["VpcId"]
        of_vpc = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        groups = self.call("ec2", "describe_security_groups", Filters=of_vpc)["SecurityGroups"]
        acls = self.call("ec2", "describe_network_acls", Filters=of_vpc)["NetworkAcls"]
        self.attributes = {
            "VpcId": vpc["VpcId"],
            "CidrBlock": vpc["CidrBlock"],
            "DefaultSecurityGroup": groups[0]["GroupId"],
            "DefaultNetworkAcl": acls[0]["NetworkAclId"],
        }
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            if changed(old, new, name):
                wanted = {name: {"Value": new.get(name, name == "EnableDnsSupport")}}
                self.call("ec2", "modify_vpc_attribute", VpcId=self.physical_resource_id, **wanted)
        self.tag(old, new)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_vpc", VpcId=self.physical_resource_id)


class Subnet(Ec2Resource):
    type = "AWS::EC2::Subnet"
    readable = ("SubnetId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId")
    create_only = ("VpcId", "CidrBlock", "AvailabilityZone")

    def create(self, properties: Properties) -> None:
        subnet = self.call("ec2", "create_subnet", **only(properties, "VpcId", "CidrBlock", "AvailabilityZone"))
        self.attributes = {name: subnet["Subnet"][name] for name in self.readable}
        self.physical_resource_id = self.attributes["SubnetId"]
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        if changed(old, new, "MapPublicIpOnLaunch"):
            wanted = {"Value": new.get("MapPublicIpOnLaunch", False)}
            self.call("ec2", "modify_subnet_attribute", SubnetId=self.physical_resource_id, MapPublicIpOnLaunch=wanted)
        self.tag(old, new)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_subnet", SubnetId=self.physical_resource_id)


class InternetGateway(Ec2Resource):
    type = "AWS::EC2::InternetGateway"
    readable = ("InternetGatewayId",)

    def create(self, properties: Properties) -> None:
        self.physical_resource_id = self.call("ec2", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        self.attributes = {"InternetGatewayId": self.physical_resource_id}
        self.tag({}, properties)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_internet_gateway", InternetGatewayId=self.physical_resource_id)


class VpcGatewayAttachment(Resource):
    type = "AWS::EC2::VPCGatewayAttachment"
    readable = ("AttachmentType",)
    create_only = ("VpcId", "InternetGatewayId")

    def create(self, properties: Properties) -> None:
        self.call("ec2", "attach_internet_gateway", **only(properties, "VpcId", "InternetGatewayId"))
        self.physical_resource_id = f"IGW|{properties['VpcId']}"
        self.attributes = {"AttachmentType": "IGW"}

    def delete(self) -> None:
        ids = only(self.properties, "VpcId", "InternetGatewayId")
        self.delete_quietly("ec2", "detach_internet_gateway", **ids)


class Eip(Ec2Resource):
    type = "AWS::EC2::EIP"
    readable = ("AllocationId", "PublicIp")
    create_only = ("Domain",)

    def create(self, properties: Properties) -> None:
        address = self.call("ec2", "allocate_address", Domain=properties.get("Domain", "vpc"))
        self.physical_resource_id = address["PublicIp"]
        self.attributes = {name: address[name] for name in self.readable}
        self.tag({}, properties, address["AllocationId"])

    def update(self, old: Properties, new: Properties) -> None:
        self.tag(old, new, self.attributes["AllocationId"])

    def delete(self) -> None:
        self.delete_quietly("ec2", "release_address", AllocationId=self.attributes["AllocationId"])


class NatGateway(Ec2Resource):
    type = "AWS::EC2::NatGateway"
    readable = ("NatGatewayId",)
    create_only = ("SubnetId", "AllocationId", "ConnectivityType")

    def create(self, properties: Properties) -> None:
        gateway = self.call("ec2", "create_nat_gateway", **only(properties, *self.create_only))["NatGateway"]
        self.physical_resource_id = gateway["NatGatewayId"]
        self.attributes = {"NatGatewayId": self.physical_resource_id}
        self.tag({}, properties)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_nat_gateway", NatGatewayId=self.physical_resource_id)


class RouteTable(Ec2Resource):
    type = "AWS::EC2::RouteTable"
    readable = ("RouteTableId",)
    create_only = ("VpcId",)

    def create(self, properties: Properties) -> None:
        table = self.call("ec2", "create_route_table", VpcId=properties["VpcId"])["RouteTable"]
        self.physical_resource_id = table["RouteTableId"]
        self.attributes = {"RouteTableId": self.physical_resource_id}
        self.tag({}, properties)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_route_table", RouteTableId=self.physical_resource_id)


class Route(Resource):
    type = "AWS::EC2::Route"
    readable = ("CidrBlock",)
    create_only = ("RouteTableId", "DestinationCidrBlock")

    def create(self, properties: Properties) -> None:
        self.call("ec2", "create_route", **properties)
        self.physical_resource_id = f"{properties['RouteTableId']}|{properties['DestinationCidrBlock']}"
        self.attributes = {"CidrBlock": properties["DestinationCidrBlock"]}

    def update(self, old: Properties, new: Properties) -> None:
        self.call("ec2", "replace_route", **new)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_route", **only(self.properties, "RouteTableId", "DestinationCidrBlock"))


class SubnetRouteTableAssociation(Resource):
    type = "AWS::EC2::SubnetRouteTableAssociation"
    readable = ("Id",)
    create_only = ("SubnetId", "RouteTableId")

    def create(self, properties: Properties) -> None:
        answer = self.call("ec2", "associate_route_table", **only(properties, *self.create_only))
        self.physical_resource_id = answer["AssociationId"]
        self.attributes = {"Id": self.physical_resource_id}

    def delete(self) -> None:
        self.delete_quietly("ec2", "disassociate_route_table", AssociationId=self.physical_resource_id)


class VpcEndpoint(Ec2Resource):
    type = "AWS::EC2::VPCEndpoint"
    readable = ("Id",)
    create_only = ("VpcId", "ServiceName", "VpcEndpointType")

    def create(self, properties: Properties) -> None:
        wanted = {key: value for key, value in properties.items() if key != "Tags"}
        endpoint = self.call("ec2", "create_vpc_endpoint", **wanted)["VpcEndpoint"]
        self.physical_resource_id = endpoint["VpcEndpointId"]
        self.attributes = {"Id": self.physical_resource_id}
        self.tag({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        parameters: dict[str, Any] = only(new, "PolicyDocument", "PrivateDnsEnabled")
        for name, short in (("RouteTableIds", "RouteTableIds"), ("SubnetIds", "SubnetIds")):
            before, after = set(old.get(name) or ()), set(new.get(name) or ())
            parameters |= {f"Add{short}": sorted(after - before), f"Remove{short}": sorted(before - after)}
        self.call("ec2", "modify_vpc_endpoint", VpcEndpointId=self.physical_resource_id, **parameters)
        self.tag(old, new)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_vpc_endpoints", VpcEndpointIds=[self.physical_resource_id])


class FlowLog(Ec2Resource):
    type = "AWS::EC2::FlowLog"
    readable = ("Id",)

    def replaces(self, old: Properties, new: Properties) -> bool:
        return any(old.get(key) != new.get(key) for key in {*old, *new} - {"Tags"})

    def create(self, properties: Properties) -> None:
        wanted = {key: value for key, value in properties.items() if key not in ("Tags", "ResourceId")}
        answer = self.call("ec2", "create_flow_logs", ResourceIds=[properties["ResourceId"]], **wanted)
        for failure in answer.get("Unsuccessful", []):
            raise ValueError(failure["Error"]["Message"])
        self.physical_resource_id = answer["FlowLogIds"][0]
        self.attributes = {"Id": self.physical_resource_id}
        self.tag({}, properties)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_flow_logs", FlowLogIds=[self.physical_resource_id])
