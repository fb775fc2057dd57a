package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import software.amazon.awssdk.services.ec2.model.Address;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.FlowLog;
import software.amazon.awssdk.services.ec2.model.InternetGateway;
import software.amazon.awssdk.services.ec2.model.IpPermission;
import software.amazon.awssdk.services.ec2.model.NatGateway;
import software.amazon.awssdk.services.ec2.model.Route;
import software.amazon.awssdk.services.ec2.model.RouteTable;
import software.amazon.awssdk.services.ec2.model.SecurityGroup;
import software.amazon.awssdk.services.ec2.model.Subnet;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.Vpc;
import software.amazon.awssdk.services.ec2.model.VpcAttributeName;
import software.amazon.awssdk.services.ec2.model.VpcEndpoint;

/** The network part of EC2. */
final class NetworkChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        Map<String, ResourceCheck> checks = new TreeMap<>();
        checks.put("AWS::EC2::VPC", NetworkChecks::vpc);
        checks.put("AWS::EC2::Subnet", NetworkChecks::subnet);
        checks.put("AWS::EC2::InternetGateway", NetworkChecks::internetGateway);
        checks.put("AWS::EC2::VPCGatewayAttachment", NetworkChecks::attachment);
        checks.put("AWS::EC2::RouteTable", NetworkChecks::routeTable);
        checks.put("AWS::EC2::SubnetRouteTableAssociation", NetworkChecks::association);
        checks.put("AWS::EC2::Route", NetworkChecks::route);
        checks.put("AWS::EC2::EIP", NetworkChecks::address);
        checks.put("AWS::EC2::NatGateway", NetworkChecks::natGateway);
        checks.put("AWS::EC2::SecurityGroup", NetworkChecks::securityGroup);
        checks.put(
                "AWS::EC2::SecurityGroupIngress",
                (declared, aws, comparison) -> rule(declared, aws, comparison, false));
        checks.put(
                "AWS::EC2::SecurityGroupEgress", (declared, aws, comparison) -> rule(declared, aws, comparison, true));
        checks.put("AWS::EC2::VPCEndpoint", NetworkChecks::endpoint);
        checks.put("AWS::EC2::FlowLog", NetworkChecks::flowLog);
        return checks;
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::EC2::SecurityGroup.GroupId", (id, place) -> id,
                "AWS::EC2::VPC.VpcId", (id, place) -> id,
                "AWS::EC2::Subnet.SubnetId", (id, place) -> id,
                "AWS::EC2::VPC.CidrBlock", (id, place) -> vpc(id, place.aws()).cidrBlock(),
                "AWS::EC2::VPC.DefaultSecurityGroup", (id, place) -> defaultGroup(id, place.aws()),
                "AWS::EC2::EIP.AllocationId",
                        (ip, place) -> Missing.ifEmpty(place.aws()
                                        .ec2()
                                        .describeAddresses(request -> request.publicIps(ip))
                                        .addresses())
                                .allocationId());
    }

    private static Vpc vpc(String id, Aws.InRegion aws) {
        return Missing.ifEmpty(
                aws.ec2().describeVpcs(request -> request.vpcIds(id)).vpcs());
    }

    private static String defaultGroup(String vpc, Aws.InRegion aws) {
        return Missing.ifEmpty(aws.ec2()
                        .describeSecurityGroups(
                                request -> request.filters(filter("vpc-id", vpc), filter("group-name", "default")))
                        .securityGroups())
                .groupId();
    }

    private static void vpc(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Vpc vpc = vpc(declared.id(), aws);
        comparison
                .same(
                        "EnableDnsSupport",
                        aws.ec2()
                                .describeVpcAttribute(request ->
                                        request.vpcId(declared.id()).attribute(VpcAttributeName.ENABLE_DNS_SUPPORT))
                                .enableDnsSupport()
                                .value())
                .same(
                        "EnableDnsHostnames",
                        aws.ec2()
                                .describeVpcAttribute(request ->
                                        request.vpcId(declared.id()).attribute(VpcAttributeName.ENABLE_DNS_HOSTNAMES))
                                .enableDnsHostnames()
                                .value())
                .tags("Tags", tags(vpc.tags()))
                .rest(vpc);
    }

    private static void subnet(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Subnet subnet = Missing.ifEmpty(aws.ec2()
                .describeSubnets(request -> request.subnetIds(declared.id()))
                .subnets());
        comparison.tags("Tags", tags(subnet.tags())).rest(subnet);
    }

    private static InternetGateway internetGateway(String id, Aws.InRegion aws) {
        return Missing.ifEmpty(aws.ec2()
                .describeInternetGateways(request -> request.internetGatewayIds(id))
                .internetGateways());
    }

    private static void internetGateway(Declared declared, Aws.InRegion aws, Comparison comparison) {
        comparison.tags("Tags", tags(internetGateway(declared.id(), aws).tags()));
    }

    private static void attachment(Declared declared, Aws.InRegion aws, Comparison comparison) {
        InternetGateway gateway = internetGateway(declared.text("InternetGatewayId"), aws);
        comparison
                .same(
                        "VpcId",
                        gateway.attachments().stream()
                                .map(attached -> attached.vpcId())
                                .findFirst()
                                .orElse(null))
                .rest(gateway);
    }

    private static RouteTable routeTable(String id, Aws.InRegion aws) {
        return Missing.ifEmpty(aws.ec2()
                .describeRouteTables(request -> request.routeTableIds(id))
                .routeTables());
    }

    private static void routeTable(Declared declared, Aws.InRegion aws, Comparison comparison) {
        RouteTable table = routeTable(declared.id(), aws);
        comparison.tags("Tags", tags(table.tags())).rest(table);
    }

    private static void association(Declared declared, Aws.InRegion aws, Comparison comparison) {
        RouteTable table = routeTable(declared.text("RouteTableId"), aws);
        comparison
                .same(
                        "SubnetId",
                        table.associations().stream()
                                .map(association -> association.subnetId())
                                .filter(declared.text("SubnetId")::equals)
                                .findFirst()
                                .orElse(null))
                .rest(table);
    }

    private static void route(Declared declared, Aws.InRegion aws, Comparison comparison) {
        String destination = declared.text("DestinationCidrBlock");
        Route route = Missing.ifEmpty(routeTable(declared.text("RouteTableId"), aws).routes().stream()
                .filter(entry -> destination.equals(entry.destinationCidrBlock()))
                .toList());
        comparison.notShown("asked by it", "RouteTableId").rest(route);
    }

    private static void address(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Address address = Missing.ifEmpty(aws.ec2()
                .describeAddresses(request -> request.publicIps(declared.id()))
                .addresses());
        comparison.tags("Tags", tags(address.tags())).rest(address);
    }

    private static void natGateway(Declared declared, Aws.InRegion aws, Comparison comparison) {
        NatGateway gateway = Missing.ifEmpty(aws.ec2()
                .describeNatGateways(request -> request.natGatewayIds(declared.id()))
                .natGateways());
        comparison
                .same(
                        "AllocationId",
                        gateway.natGatewayAddresses().stream()
                                .map(address -> address.allocationId())
                                .findFirst()
                                .orElse(null))
                .tags("Tags", tags(gateway.tags()))
                .rest(gateway);
    }

    private static SecurityGroup group(String id, Aws.InRegion aws) {
        return Missing.ifEmpty(aws.ec2()
                .describeSecurityGroups(request -> request.groupIds(id))
                .securityGroups());
    }

    private static void securityGroup(Declared declared, Aws.InRegion aws, Comparison comparison) {
        SecurityGroup group = group(declared.id(), aws);
        JsonNode ingress = declared.property("SecurityGroupIngress");
        JsonNode egress = declared.property("SecurityGroupEgress");
        for (JsonNode rule : ingress) {
            comparison.same("ingress " + shown(rule), Answer.of(true), has(group.ipPermissions(), rule));
        }
        for (JsonNode rule : egress) {
            // CDK's way to say "nothing" need not be there, but nothing else may.
            if (!rule.path("CidrIp").asText().equals("255.255.255.255/32")) {
                comparison.same("egress " + shown(rule), Answer.of(true), has(group.ipPermissionsEgress(), rule));
            }
        }
        comparison
                .same("GroupDescription", group.description())
                .notShown("compared above, rule by rule", "SecurityGroupIngress", "SecurityGroupEgress")
                .tags("Tags", tags(group.tags()))
                .rest(group);
    }

    private static void rule(Declared declared, Aws.InRegion aws, Comparison comparison, boolean egress) {
        SecurityGroup group = group(declared.text("GroupId"), aws);
        if (!has(egress ? group.ipPermissionsEgress() : group.ipPermissions(), declared.properties())) {
            throw new Missing("%s has no rule %s".formatted(group.groupId(), shown(declared.properties())));
        }
        declared.properties().fieldNames().forEachRemaining(name -> comparison.notShown("matched as a whole", name));
    }

    private static String shown(JsonNode rule) {
        return "%s %s-%s \"%s\""
                .formatted(
                        rule.path("IpProtocol").asText(),
                        rule.path("FromPort").asText(),
                        rule.path("ToPort").asText(),
                        rule.path("Description").asText());
    }

    private static boolean has(List<IpPermission> permissions, JsonNode declared) {
        return permissions.stream()
                .filter(permission -> matches(declared.path("IpProtocol"), permission.ipProtocol())
                        && (declared.path("IpProtocol").asText().equals("-1")
                                || (matches(declared.path("FromPort"), permission.fromPort())
                                        && matches(declared.path("ToPort"), permission.toPort()))))
                .anyMatch(permission -> hasPeer(permission, declared));
    }

    private static boolean hasPeer(IpPermission permission, JsonNode declared) {
        JsonNode description = declared.path("Description");
        return permission.ipRanges().stream()
                        .anyMatch(range ->
                                named(declared, range.cidrIp(), "CidrIp") && matches(description, range.description()))
                || permission.ipv6Ranges().stream()
                        .anyMatch(range -> named(declared, range.cidrIpv6(), "CidrIpv6")
                                && matches(description, range.description()))
                || permission.prefixListIds().stream()
                        .anyMatch(list ->
                                named(declared, list.prefixListId(), "SourcePrefixListId", "DestinationPrefixListId")
                                        && matches(description, list.description()))
                || permission.userIdGroupPairs().stream()
                        .anyMatch(pair ->
                                named(declared, pair.groupId(), "SourceSecurityGroupId", "DestinationSecurityGroupId")
                                        && matches(description, pair.description()));
    }

    private static boolean named(JsonNode declared, String peer, String... properties) {
        return Stream.of(properties)
                .anyMatch(property -> declared.path(property).asText().equals(peer));
    }

    private static boolean matches(JsonNode declared, Object actual) {
        return Comparison.matches(declared, Answer.of(actual));
    }

    private static Filter filter(String name, String value) {
        return Filter.builder().name(name).values(value).build();
    }

    private static void endpoint(Declared declared, Aws.InRegion aws, Comparison comparison) {
        VpcEndpoint endpoint = Missing.ifEmpty(aws.ec2()
                .describeVpcEndpoints(request -> request.vpcEndpointIds(declared.id()))
                .vpcEndpoints());
        comparison
                .samePolicy("PolicyDocument", endpoint.policyDocument())
                .same("SecurityGroupIds", endpoint.groups().stream().map(group -> group.groupId()))
                .tags("Tags", tags(endpoint.tags()))
                .rest(endpoint);
    }

    private static void flowLog(Declared declared, Aws.InRegion aws, Comparison comparison) {
        FlowLog log = Missing.ifEmpty(aws.ec2()
                .describeFlowLogs(request -> request.flowLogIds(declared.id()))
                .flowLogs());
        comparison
                .notShown("EC2 shows it in the form of the id", "ResourceType")
                .tags("Tags", tags(log.tags()))
                .rest(log);
    }

    private static Map<String, String> tags(List<Tag> tags) {
        return Stream.ofNullable(tags).flatMap(List::stream).collect(Comparison.byKey(Tag::key, Tag::value));
    }
}
