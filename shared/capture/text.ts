const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The bytes as text, or `null` where they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** The JSON value in `text`, or `undefined` where there is none. The parser's own message would quote the text. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
