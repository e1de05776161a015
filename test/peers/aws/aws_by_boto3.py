"""Stands for the AWS command line: `aws ec2 <command> --option value …` at the endpoint that AWS_ENDPOINT_URL names, by
AWS's own SDK, whose answers have the same shape. A value that is JSON is taken as such; an option alone is true."""

import json
import sys

import boto3


def camel(name):
    return "".join(part.capitalize() for part in name.split("-"))


def value_of(option, text):
    if text is None:
        return True
    if text[0] in "{[":
        return json.loads(text)
    if option == "filters":
        name, values = text.removeprefix("Name=").split(",Values=")
        return [{"Name": name, "Values": values.split(",")}]
    return [text] if option.endswith("s") else text


def main(service, command, *arguments):
    options = {}
    for argument in arguments:
        if argument.startswith("--"):
            last = argument[2:]
            options[last] = None
        else:
            options[last] = argument
    options.pop("output", None)
    call = getattr(boto3.client(service), command.replace("-", "_"))
    answer = call(**{camel(option): value_of(option, text) for option, text in options.items()})
    answer.pop("ResponseMetadata", None)
    json.dump(answer, sys.stdout, default=str)


main(*sys.argv[1:])
