import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import * as stepfunctions from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import type { Embedded } from "../embeddedAws.ts";
import { wordsOf } from "./shown.ts";

const services: Readonly<Record<string, { sdk: object; client: string; camel?: true }>> = {
  dynamodb: { sdk: dynamodb, client: "DynamoDBClient" },
  sagemaker: { sdk: sagemaker, client: "SageMakerClient" },
  sns: { sdk: sns, client: "SNSClient" },
  sqs: { sdk: sqs, client: "SQSClient" },
  stepfunctions: { sdk: stepfunctions, client: "SFNClient", camel: true },
};

const pascal = (kebab: string) => kebab.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Sends what the AWS CLI would send for `aws SERVICE OPERATION --option value …`: its names are those of the API, written otherwise.
 * So the pages' commands run where no CLI is installed.
 */
export async function runAws(command: string, { client }: Pick<Embedded, "client">): Promise<void> {
  const [, service = "", verb = "", ...rest] = wordsOf(command);
  const known = services[service];
  if (known === undefined) throw new Error(`${command}: add ${service} to test/docs/awsCommand.ts.`);
  const operation = verb === "wait" ? rest.shift()! : verb;
  const input: Record<string, unknown> = {};
  for (let at = 0; at < rest.length; at += 2) {
    const [name, value] = [pascal(rest[at]!.slice(2)), rest[at + 1]!];
    // A structure is written as JSON; what Step Functions calls input is a text that happens to be JSON.
    const isText = known.camel || !/^[{[]/.test(value);
    input[known.camel ? name[0]!.toLowerCase() + name.slice(1) : name] = isText ? value : JSON.parse(value);
  }
  const sdk = known.sdk as Record<string, unknown>;
  const Client = sdk[known.client] as new (settings: object) => { send(command: object): Promise<object> };
  const own = new Client(client);
  if (verb === "wait") {
    const wait = sdk[`waitUntil${pascal(operation)}`] as (settings: object, input: object) => Promise<object>;
    await wait({ client: own, minDelay: 1, maxWaitTime: 10 }, input);
    return;
  }
  const Command = sdk[`${pascal(operation)}Command`] as new (input: object) => object;
  await own.send(new Command(input));
}
