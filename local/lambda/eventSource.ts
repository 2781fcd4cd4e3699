import { z } from "zod";
import { AwsError, type World } from "../world.ts";
import { type DeployedFunction, type Functions, parse } from "./functions.ts";

const mapping = z.strictObject({
  EventSourceArn: z.string().startsWith("arn:aws:sqs:"),
  FunctionName: z.string(),
  BatchSize: z.number().int().min(1).max(10_000).default(10),
  MaximumBatchingWindowInSeconds: z.number().int().min(0).max(300).default(0),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
  ScalingConfig: z.strictObject({ MaximumConcurrency: z.number().int().min(2).max(1_000) }).optional(),
  Tags: z.unknown().optional(),
});

type Message = {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  Attributes: Record<string, string>;
  MessageAttributes?: object;
};

/**
 * Polls one queue for one function, as the role of that function. One batch at a time: less than any `MaximumConcurrency`
 * allows, and never more.
 */
export class EventSource {
  readonly uuid: string;
  readonly queue: string;
  settings: z.infer<typeof mapping>;
  /** Why nothing comes, in the words of the service that refused; empty when all is well. */
  problem = "";
  readonly #world: World;
  readonly #functions: Functions;
  #arrived = 0;
  #due = true;
  #window: NodeJS.Timeout | null = null;

  constructor(world: World, functions: Functions, input: Record<string, unknown>) {
    this.#world = world;
    this.#functions = functions;
    this.settings = parse(mapping, input);
    if (this.settings.BatchSize > 10 && this.settings.MaximumBatchingWindowInSeconds === 0) {
      throw new AwsError(
        "InvalidParameterValueException",
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
      );
    }
    this.uuid = world.uuid("event-source");
    this.queue = this.settings.EventSourceArn.split(":").at(-1)!;
  }

  update(input: Record<string, unknown>): void {
    const { UUID: _, ...changes } = input;
    this.settings = parse(mapping, { ...this.settings, ...changes });
    this.#due = true;
  }

  /** A message may be there: a batch is due when it is full or its window has passed. */
  maybeReady(): void {
    const { BatchSize, MaximumBatchingWindowInSeconds: seconds } = this.settings;
    this.#arrived++;
    if (seconds === 0 || this.#arrived >= BatchSize) this.#due = true;
    else
      this.#window ??= setTimeout(() => {
        this.#window = null;
        this.#due = true;
      }, seconds * 1_000);
  }

  /** The next batch as work for the pump, or null. */
  async nextBatch(): Promise<(() => Promise<void>) | null> {
    if (!this.#due || !this.settings.Enabled) return null;
    const found = this.#functions.get(this.settings.FunctionName);
    const messages = await this.#receive(found);
    if (messages.length < this.settings.BatchSize) {
      this.#due = false;
      this.#arrived = 0;
    }
    return messages.length === 0 ? null : () => this.#deliver(found, messages);
  }

  async #receive(found: DeployedFunction): Promise<Message[]> {
    const messages: Message[] = [];
    try {
      // The poller reads the queue's attributes, so a role without that permission gets nothing.
      await this.#asFunction(found, "GetQueueAttributes", { AttributeNames: ["VisibilityTimeout"] });
      while (messages.length < this.settings.BatchSize) {
        const MaxNumberOfMessages = Math.min(10, this.settings.BatchSize - messages.length);
        const answer = await this.#asFunction(found, "ReceiveMessage", {
          MaxNumberOfMessages,
          AttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        });
        const received = (answer.Messages ?? []) as Message[];
        messages.push(...received);
        if (received.length < MaxNumberOfMessages) break;
      }
      this.problem = "";
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.problem = `PROBLEM: ${error.message}`;
      setTimeout(() => this.maybeReady(), 60_000);
    }
    return messages;
  }

  async #deliver(found: DeployedFunction, messages: Message[]): Promise<void> {
    const event = {
      Records: messages.map((message) => ({
        messageId: message.MessageId,
        receiptHandle: message.ReceiptHandle,
        body: message.Body,
        attributes: message.Attributes,
        messageAttributes: message.MessageAttributes ?? {},
        md5OfBody: message.MD5OfBody,
        eventSource: "aws:sqs",
        eventSourceARN: this.settings.EventSourceArn,
        awsRegion: this.#world.region,
      })),
    };
    const result = await this.#functions.run(found, JSON.stringify(event), this.#world.uuid("invocation"));
    if (!result.ok) return;
    const failed = this.#failuresIn(result.payload, messages);
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
    for (let at = 0; at < done.length; at += 10) {
      const Entries = done.slice(at, at + 10).map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
      try {
        await this.#asFunction(found, "DeleteMessageBatch", { Entries });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        this.problem = `PROBLEM: ${error.message}`;
      }
    }
  }

  /** What the function says failed; a malformed answer fails the whole batch, as on Lambda. */
  #failuresIn(payload: string, messages: Message[]): Set<string> {
    const all = new Set(messages.map(({ MessageId }) => MessageId));
    if (!this.settings.FunctionResponseTypes.includes("ReportBatchItemFailures")) return new Set();
    const answer = z
      .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
      .nullable()
      .safeParse(JSON.parse(payload));
    if (!answer.success) return all;
    const named = (answer.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
    return named.every((id) => all.has(id)) ? new Set(named) : all;
  }

  #asFunction(found: DeployedFunction, operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
    const QueueUrl = `${this.#world.endpoint}/${this.#world.accountId}/${this.queue}`;
    return this.#world.call("sqs", operation, { QueueUrl, ...input }, found.principal);
  }
}
