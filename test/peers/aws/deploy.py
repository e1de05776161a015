"""Deploys the template on standard input at the endpoint, as `cdk deploy` would, and prints as JSON what is there then:
{"status", "resources": {type: count}, "table", "integritySecret", "byService": {logical id: {"type", "wanted", "told"}}}.
What CloudFormation there cannot make is made through the API of its service, of the template's own properties: `told` is
what the service says of it afterwards. The code of the functions is empty."""

import collections
import io
import json
import sys
import zipfile

import boto3

REGION = "eu-central-1"
STACK = "Vsweep"
INTRINSICS = ("Ref", "Fn::GetAtt", "Fn::Join")


def put_alarm(client, _name, properties):
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(**properties)
    [told] = cloudwatch.describe_alarms(AlarmNames=[properties["AlarmName"]])["MetricAlarms"]
    return {**told, "Tags": cloudwatch.list_tags_for_resource(ResourceARN=told["AlarmArn"])["Tags"]}


def create_secret(client, name, properties):
    secrets = client("secretsmanager")
    value = secrets.get_random_password(**properties["GenerateSecretString"])["RandomPassword"]
    arn = secrets.create_secret(Name=name, Description=properties["Description"], SecretString=value)["ARN"]
    made = {"PasswordLength": len(value), "ExcludePunctuation": value.isalnum()}
    return {**secrets.describe_secret(SecretId=arn), "GenerateSecretString": made}


def create_schedule(client, name, properties):
    scheduler = client("scheduler")
    scheduler.create_schedule(Name=name, **properties)
    return scheduler.get_schedule(Name=name)


def put_event_invoke_config(client, _name, properties):
    functions = client("lambda")
    functions.put_function_event_invoke_config(**properties)
    told = functions.get_function_event_invoke_config(FunctionName=properties["FunctionName"])
    # The service names the function by its ARN.
    return {**told, **{key: properties[key] for key in ("FunctionName", "Qualifier")}}


def put_topic_policy(client, _name, properties):
    sns = client("sns")
    policy = json.dumps(properties["PolicyDocument"])
    for topic in properties["Topics"]:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    told = [sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"] for topic in properties["Topics"]]
    return {"Topics": properties["Topics"], "PolicyDocument": json.loads(told[0])}


def put_queue_policy(client, _name, properties):
    sqs = client("sqs")
    policy = json.dumps(properties["PolicyDocument"])
    for queue in properties["Queues"]:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    told = [
        sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["Policy"])["Attributes"]["Policy"]
        for queue in properties["Queues"]
    ]
    return {"Queues": properties["Queues"], "PolicyDocument": json.loads(told[0])}


def subscribe(client, _name, properties):
    sns = client("sns")
    arn = sns.subscribe(ReturnSubscriptionArn=True, **properties)["SubscriptionArn"]
    return sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]


# How a rule names where it lets out to: in a template, in the API, and there.
DESTINATIONS = (
    ("DestinationSecurityGroupId", "UserIdGroupPairs", "GroupId"),
    ("DestinationPrefixListId", "PrefixListIds", "PrefixListId"),
)


def authorize_egress(client, _name, properties):
    ec2 = client("ec2")
    [(key, peers, identifier)] = [one for one in DESTINATIONS if one[0] in properties]
    rule = {name: properties[name] for name in ("IpProtocol", "FromPort", "ToPort")}
    peer = {identifier: properties[key], "Description": properties["Description"]}
    ec2.authorize_security_group_egress(
        GroupId=properties["GroupId"], IpPermissions=[{**rule, peers: [peer]}]
    )
    [group] = ec2.describe_security_groups(GroupIds=[properties["GroupId"]])["SecurityGroups"]
    [told] = [
        # moto keeps no description of a prefix list.
        {"Description": properties["Description"], **peer, **{name: one[name] for name in rule}, key: peer[identifier]}
        for one in group["IpPermissionsEgress"]
        for peer in one[peers]
        if peer[identifier] == properties[key] and one["FromPort"] == properties["FromPort"]
    ]
    return {**told, "GroupId": group["GroupId"]}


def create_url(client, _name, properties):
    functions = client("lambda")
    target = properties["TargetFunctionArn"]
    functions.create_function_url_config(FunctionName=target, AuthType=properties["AuthType"])
    told = functions.get_function_url_config(FunctionName=target)
    return {"TargetFunctionArn": told["FunctionArn"], "AuthType": told["AuthType"]}


# moto's CloudFormation has no model of these, and its services have. botocore checks each call by AWS's own definition.
SECRET = "AWS::SecretsManager::Secret"
BY_SERVICE = {
    "AWS::CloudWatch::Alarm": put_alarm,
    "AWS::EC2::SecurityGroupEgress": authorize_egress,
    "AWS::Lambda::Url": create_url,
    "AWS::Scheduler::Schedule": create_schedule,
    "AWS::Lambda::EventInvokeConfig": put_event_invoke_config,
    "AWS::SNS::Subscription": subscribe,
    "AWS::SNS::TopicPolicy": put_topic_policy,
    "AWS::SQS::QueuePolicy": put_queue_policy,
}


def main(endpoint):
    def client(service):
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    template = make_existing_network(client, json.load(sys.stdin))
    put_what_bootstrap_makes(client, template)
    template, by_service = make_secrets(client, template)
    rest = {
        name: resource for name, resource in template["Resources"].items() if resource["Type"] in BY_SERVICE
    }
    references = collect_references([resource["Properties"] for resource in rest.values()])
    template["Outputs"] = {
        name: output
        for name, output in template.get("Outputs", {}).items()
        if not any(refers_to(output["Value"], one) for one in rest)
    }
    outputs = {f"Reference{number}": {"Value": reference} for number, reference in enumerate(references)}
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps({**template, "Outputs": {**template["Outputs"], **outputs}}),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    [stack] = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    values = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    known = {json.dumps(one["Value"]): values[key] for key, one in outputs.items()}

    for name, resource in rest.items():
        wanted = resolve(resource["Properties"], known)
        told = BY_SERVICE[resource["Type"]](client, name, wanted)
        by_service[name] = {"type": resource["Type"], "wanted": wanted, "told": told}

    summaries = cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    made = [one for one in summaries if one.get("PhysicalResourceId")]
    tables = [one["PhysicalResourceId"] for one in made if one["ResourceType"] == "AWS::DynamoDB::Table"]
    secrets = [one["told"]["ARN"] for one in by_service.values() if one["type"] == SECRET]
    answer = {
        "status": stack["StackStatus"],
        "resources": collections.Counter(one["ResourceType"] for one in made),
        "table": next(iter(tables), None),
        "integritySecret": next(iter(secrets), None),
        "byService": by_service,
    }
    json.dump(answer, sys.stdout, default=str)


def make_secrets(client, template):
    """Before the stack, whose policies name them: the template without them and with their ARNs, and what was made."""
    resources = template["Resources"]
    secrets = {name: one["Properties"] for name, one in resources.items() if one["Type"] == SECRET}
    made = {
        name: {"type": SECRET, "wanted": properties, "told": create_secret(client, name, properties)}
        for name, properties in secrets.items()
    }
    arns = {json.dumps({"Ref": name}): one["told"]["ARN"] for name, one in made.items()}
    rest = {name: one for name, one in resources.items() if name not in secrets}
    return replace_known({**template, "Resources": rest}, arns), made


def make_existing_network(client, template):
    """What an existing network is called in configurations of tests, made, and its names replaced in the template."""
    text = json.dumps(template)
    if "vpc-0123456789abcdef0" not in text:
        return template
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/24")["Vpc"]["VpcId"]
    made = {"vpc-0123456789abcdef0": vpc}
    for number, zone in enumerate("ab"):
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.30.0.{number * 16}/28", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        made[f"subnet-0123456789abcdef{number}"] = subnet
    made["rtb-0123456789abcdef0"] = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for name, real in made.items():
        text = text.replace(name, real)
    return json.loads(text)


def refers_to(value, name):
    return f'"{name}"' in json.dumps(value)


def replace_known(value, known):
    if is_reference(value) and json.dumps(value) in known:
        return known[json.dumps(value)]
    if isinstance(value, dict):
        return {key: replace_known(child, known) for key, child in value.items()}
    return [replace_known(child, known) for child in value] if isinstance(value, list) else value


def is_reference(value):
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in INTRINSICS


def collect_references(value):
    """What only CloudFormation can say, each once."""
    if is_reference(value):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    found = {json.dumps(one): one for child in children for one in collect_references(child)}
    return list(found.values())


def resolve(value, known):
    if is_reference(value):
        return known[json.dumps(value)]
    if isinstance(value, dict):
        return {key: resolve(child, known) for key, child in value.items()}
    if isinstance(value, list):
        return [resolve(child, known) for child in value]
    return value


def put_what_bootstrap_makes(client, template):
    """The bucket of assets, with an archive for each function, and the version that the template asks for."""
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("index.js", "")
    s3 = client("s3")
    account = client("sts").get_caller_identity()["Account"]
    bucket = f"cdk-hnb659fds-assets-{account}-{REGION}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            key = resource["Properties"]["Code"]["S3Key"]
            s3.put_object(Bucket=bucket, Key=key, Body=empty.getvalue())
    client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")


main(sys.argv[1])
