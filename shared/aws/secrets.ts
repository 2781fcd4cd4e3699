import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { JudgeUnreachable } from "./judgeUnreachable.ts";

/** A key that was changed is known a few minutes later; until then its old version still works for those who rotate with care. */
const freshMs = 5 * 60_000;

/**
 * Reads keys from Secrets Manager, each once in some minutes.
 * @returns what reads a key by its secret's ARN. @throws JudgeUnreachable, with the secret's name and never its value
 */
export function openSecrets(client: SecretsManagerClient, nowMs: () => number): (arn: string) => Promise<string> {
  const known = new Map<string, { key: string; readAtMs: number }>();
  return async (arn) => {
    const before = known.get(arn);
    if (before && nowMs() - before.readAtMs < freshMs) return before.key;
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn })).catch((error: Error) => {
      throw new JudgeUnreachable(`The secret ${arn} cannot be read (${error.name}). The judge waits for its key.`, false);
    });
    const key = (SecretString ?? "").trim();
    // It becomes a header, and what is wrong with a header is quoted by those who refuse it.
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new JudgeUnreachable(`The secret ${arn} is no key: it should be one word of ASCII and nothing else.`, false);
    }
    known.set(arn, { key, readAtMs: nowMs() });
    return key;
  };
}
