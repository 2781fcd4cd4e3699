/** A decoded body is any JSON value, `undefined` where the side was not captured, or one of these two. */

/** The JSON documents that a container streamed, oldest first. */
export class DocumentStream {
  readonly documents: readonly unknown[];
  constructor(documents: readonly unknown[]) {
    this.documents = documents;
  }
}

/** A body that is neither JSON nor a stream of it. */
export class PlainText {
  readonly text: string;
  /** True for CSV, where text is what was announced. */
  readonly isTable: boolean;
  constructor(text: string, isTable: boolean) {
    this.text = text;
    this.isTable = isTable;
  }
}

/** The body as plain JSON, as expressions in assay.yml search it: a stream is the list of its documents, what is missing `null`. */
export function searchable(body: unknown): unknown {
  if (body instanceof DocumentStream) return body.documents;
  return body instanceof PlainText ? body.text : (body ?? null);
}
