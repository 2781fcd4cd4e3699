import type { RequestListener } from "node:http";
import type { Delivery } from "./faults.ts";
import { ask, askJson } from "./inProcess.ts";
import { AwsError, type Call, type Operation, type Part, type World } from "./world.ts";

const forwarded = [
  "ChangeMessageVisibility",
  "ChangeMessageVisibilityBatch",
  "CreateQueue",
  "DeleteMessage",
  "DeleteMessageBatch",
  "DeleteQueue",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListQueues",
  "ListQueueTags",
  "PurgeQueue",
  "ReceiveMessage",
  "SendMessage",
  "SendMessageBatch",
  "SetQueueAttributes",
  "TagQueue",
  "UntagQueue",
] as const;

type QueueAges = { queue: string; visible: number; oldestAgeSeconds: number };

export type Sqs = Part & {
  /** Called when a queue may have something to receive: after a send, and when a delay or a visibility timeout ends. */
  onMaybeReady(listener: (queue: string) => void): void;
  ages(): Promise<QueueAges[]>;
  /** How often and how late an event service's message arrives; the fault injection sets it. */
  deliverEvents(plan: (body: string) => Delivery): void;
};

/** SQS is fauxqs, in process. It has no timer for delays and visibility: these are ours, or the stepped clock would jump past them. */
export function createSqs(
  world: World,
  fauxqs: RequestListener,
  registerPolicy: (arn: string, policy: string | null) => void,
): Sqs {
  const forward = (operation: string, input: Record<string, unknown>) =>
    askJson(fauxqs, "sqs", `AmazonSQS.${operation}`, world.region, input);
  const listeners: ((queue: string) => void)[] = [];
  const names = new Set<string>();
  const visibility = new Map<string, number>();
  let deliver: (body: string) => Delivery = () => ({ duplicates: 0, delaySeconds: 0 });

  const nameIn = (input: Record<string, unknown>) => String(input.QueueUrl).split("/").at(-1)!;
  const urlOf = (name: string) => `${world.endpoint}/${world.accountId}/${name}`;
  const arnOf = (name: string) => `arn:aws:sqs:${world.region}:${world.accountId}:${name}`;
  const wakeAfter = (queue: string, seconds: number) => {
    const wake = () => {
      for (const listener of listeners) listener(queue);
    };
    if (seconds > 0) setTimeout(wake, seconds * 1_000);
    else wake();
  };

  const operations: Record<string, Operation> = Object.fromEntries(
    forwarded.map((name) => [name, (input: Record<string, unknown>) => forward(name, input)]),
  );

  const keepAttributes = (queue: string, attributes: Record<string, string> = {}) => {
    if (attributes.VisibilityTimeout !== undefined) visibility.set(queue, Number(attributes.VisibilityTimeout));
    if (attributes.Policy !== undefined) registerPolicy(arnOf(queue), attributes.Policy === "" ? null : attributes.Policy);
  };
  operations.CreateQueue = async (input) => {
    await forward("CreateQueue", input);
    const name = String(input.QueueName);
    names.add(name);
    keepAttributes(name, input.Attributes as Record<string, string> | undefined);
    return { QueueUrl: urlOf(name) };
  };
  operations.SetQueueAttributes = async (input) => {
    const answer = await forward("SetQueueAttributes", input);
    keepAttributes(nameIn(input), input.Attributes as Record<string, string>);
    return answer;
  };
  operations.DeleteQueue = async (input) => {
    const answer = await forward("DeleteQueue", input);
    names.delete(nameIn(input));
    registerPolicy(arnOf(nameIn(input)), null);
    return answer;
  };
  operations.GetQueueUrl = async (input) => {
    await forward("GetQueueUrl", input);
    return { QueueUrl: urlOf(String(input.QueueName)) };
  };
  operations.ListQueues = async (input) => {
    const answer = await forward("ListQueues", input);
    const urls = (answer.QueueUrls ?? []) as string[];
    return { ...answer, QueueUrls: urls.map((url) => urlOf(url.split("/").at(-1)!)) };
  };

  /** Only what the deployed service and its event sources send may come twice or late; whoever looks from outside gets what is sent. */
  const planned = ({ principal }: Call, body: string): Delivery =>
    principal.kind === "admin" ? { duplicates: 0, delaySeconds: 0 } : deliver(body);

  operations.SendMessage = async (input, call: Call) => {
    const { duplicates, delaySeconds } = planned(call, String(input.MessageBody));
    const delayed = delaySeconds > 0 ? { ...input, DelaySeconds: delaySeconds } : input;
    const answer = await forward("SendMessage", delayed);
    for (let copy = 0; copy < duplicates; copy++) await forward("SendMessage", input);
    if (duplicates > 0) wakeAfter(nameIn(input), 0);
    wakeAfter(nameIn(input), Number(delayed.DelaySeconds ?? 0));
    return answer;
  };
  operations.SendMessageBatch = async (input, call: Call) => {
    const sent = (input.Entries as { MessageBody?: unknown; DelaySeconds?: number }[]).map((entry) => {
      const { duplicates, delaySeconds } = planned(call, String(entry.MessageBody));
      return { entry: delaySeconds > 0 ? { ...entry, DelaySeconds: delaySeconds } : entry, copy: duplicates > 0 ? entry : null };
    });
    const answer = await forward("SendMessageBatch", { ...input, Entries: sent.map(({ entry }) => entry) });
    for (const { entry } of sent) wakeAfter(nameIn(input), entry.DelaySeconds ?? 0);
    const copies = sent.flatMap(({ copy }) => copy ?? []);
    if (copies.length > 0) await forward("SendMessageBatch", { ...input, Entries: copies });
    return answer;
  };
  operations.ReceiveMessage = async (input) => {
    // Long polling would keep the stepped clock busy; an empty answer at once is what a short poll gives.
    const answer = await forward("ReceiveMessage", { ...input, WaitTimeSeconds: 0 });
    const hidden = Number(input.VisibilityTimeout ?? visibility.get(nameIn(input)) ?? 30);
    if (((answer.Messages ?? []) as unknown[]).length > 0) wakeAfter(nameIn(input), hidden);
    return answer;
  };
  operations.ChangeMessageVisibility = async (input) => {
    const answer = await forward("ChangeMessageVisibility", input);
    wakeAfter(nameIn(input), Number(input.VisibilityTimeout));
    return answer;
  };

  return {
    scope: "sqs",
    operations,
    onMaybeReady: (listener) => void listeners.push(listener),
    deliverEvents: (plan) => {
      deliver = plan;
    },
    ages: async () => {
      const found: QueueAges[] = [];
      for (const queue of [...names].sort()) found.push(await ageOf(queue));
      return found;
    },
  };

  async function ageOf(queue: string): Promise<QueueAges> {
    const { Attributes } = (await forward("GetQueueAttributes", {
      QueueUrl: urlOf(queue),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    })) as { Attributes: Record<string, string> };
    const visible = Number(Attributes.ApproximateNumberOfMessages);
    if (visible + Number(Attributes.ApproximateNumberOfMessagesNotVisible) === 0) return { queue, visible, oldestAgeSeconds: 0 };
    const sent = await sentTimes(fauxqs, queue);
    return { queue, visible, oldestAgeSeconds: Math.max(0, (Date.now() - Math.min(...sent)) / 1_000) };
  }
}

/** When each message in a queue was sent, epoch milliseconds, by fauxqs' own non-destructive inspection. */
async function sentTimes(fauxqs: RequestListener, queue: string): Promise<number[]> {
  const { status, body } = await ask(fauxqs, { method: "GET", url: `/_fauxqs/queues/${queue}`, headers: {} });
  if (status !== 200) throw new AwsError("AWS.SimpleQueueService.NonExistentQueue", `There is no queue ${queue}.`);
  type Message = { sentTimestamp: number };
  const { messages } = JSON.parse(body.toString("utf8")) as {
    messages: { ready: Message[]; delayed: Message[]; inflight: { message: Message }[] };
  };
  return [...messages.ready, ...messages.delayed, ...messages.inflight.map(({ message }) => message)].map((m) => m.sentTimestamp);
}
