import type { CaptureObject } from "../../shared/monitoring/claim.ts";
import * as z from "../../shared/schema.ts";

const objectCreated = z.object({
  "detail-type": z.literal("Object Created"),
  time: z.iso.datetime(),
  detail: z.object({
    bucket: z.object({ name: z.string().check(z.minLength(1)) }),
    object: z.object({ key: z.string().check(z.minLength(1)), etag: z.string().check(z.minLength(1)) }),
  }),
});

/** The message is no event of S3: something else writes to the queue. */
class NotAnObjectEvent extends Error {
  override readonly name = "NotAnObjectEvent";
}

/**
 * The object that an "Object Created" event of EventBridge names. Unlike in S3's own notifications, its key is not URL-encoded.
 * @param body of the SQS message
 * @throws NotAnObjectEvent
 */
export function captureObjectIn(body: string): CaptureObject {
  const event = objectCreated.safeParse(parsed(body));
  if (!event.success) {
    const { path, message } = event.error.issues[0]!; // a failed parse has an issue
    throw new NotAnObjectEvent(
      `The message is no "Object Created" event (${path.join(".") || "as a whole"}: ${message}). ` +
        "The capture queue should have one writer, the EventBridge rule of this stack.",
    );
  }
  const { time, detail } = event.data;
  return {
    bucket: detail.bucket.name,
    key: detail.object.key,
    etag: detail.object.etag.replaceAll('"', ""),
    createdAtMs: Date.parse(time),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
