import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Page } from "../remediation/page.ts";

/** Tells whoever subscribed to the topic. SNS may deliver twice, and so may we. */
export async function publishPage(sns: SNSClient, topicArn: string, { subject, message }: Page): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }));
}
