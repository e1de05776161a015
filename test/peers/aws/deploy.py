"""Deploys the template on standard input by CloudFormation at the endpoint, as `cdk deploy` would, and prints as JSON
what the stack is then made of: {"status", "resources": {type: count}, "table"}. The code of the functions is empty."""

import collections
import io
import json
import sys
import zipfile

import boto3

REGION = "eu-central-1"


def main(endpoint):
    def client(service):
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    template = json.load(sys.stdin)
    put_what_bootstrap_makes(client, template)
    cloudformation = client("cloudformation")
    cloudformation.create_stack(
        StackName="Vsweep", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    summaries = cloudformation.list_stack_resources(StackName="Vsweep")["StackResourceSummaries"]
    made = [one for one in summaries if one.get("PhysicalResourceId")]
    tables = [one["PhysicalResourceId"] for one in made if one["ResourceType"] == "AWS::DynamoDB::Table"]
    answer = {
        "status": cloudformation.describe_stacks(StackName="Vsweep")["Stacks"][0]["StackStatus"],
        "resources": collections.Counter(one["ResourceType"] for one in made),
        "table": tables[0],
    }
    json.dump(answer, sys.stdout)


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
