import { crc32 } from "node:zlib";

/**
 * One message of AWS's event stream: lengths of all and of the headers, their checksum, headers, payload, and the checksum of all before.
 * @param type of the event, e.g. `PayloadPart`
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
export function encodeEvent(type: string, payload: Buffer): Buffer {
  const headers = Buffer.concat([
    header(":message-type", "event"),
    header(":event-type", type),
    header(":content-type", "application/octet-stream"),
  ]);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(headers.length + payload.length + 16);
  lengths.writeUInt32BE(headers.length, 4);
  const checked = Buffer.concat([lengths, checksum(lengths), headers, payload]);
  return Buffer.concat([checked, checksum(checked)]);
}

const textHeader = 7;

function header(name: string, value: string): Buffer {
  const valueLength = Buffer.alloc(2);
  valueLength.writeUInt16BE(value.length);
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([textHeader]),
    valueLength,
    Buffer.from(value),
  ]);
}

function checksum(bytes: Buffer): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
}
