import { z } from "zod";
import { parseInput } from "./parseInput.ts";
import { AwsError, type Part, type World } from "./world.ts";

const create = z.strictObject({
  Name: z.string().min(1),
  SecretString: z.string().min(1),
  ClientRequestToken: z.string().optional(),
});
const get = z.strictObject({ SecretId: z.string().min(1) });

/** Secrets Manager: secrets of one version, by name or ARN. */
export function createSecrets(world: World): Part {
  const secrets = new Map<string, { ARN: string; Name: string; SecretString: string; VersionId: string }>();
  return {
    scope: "secretsmanager",
    operations: {
      CreateSecret(input) {
        const { Name, SecretString } = parseInput(create, input, "InvalidParameterException");
        if ([...secrets.values()].some((secret) => secret.Name === Name))
          throw new AwsError("ResourceExistsException", `The secret ${Name} already exists.`);
        const VersionId = world.uuid("secret");
        // As on AWS, six characters make the ARN of a secret that is deleted and made anew another one.
        const ARN = `arn:aws:secretsmanager:${world.region}:${world.accountId}:secret:${Name}-${VersionId.slice(0, 6)}`;
        secrets.set(ARN, { ARN, Name, SecretString, VersionId });
        return { ARN, Name, VersionId };
      },
      GetSecretValue(input) {
        const { SecretId } = parseInput(get, input, "InvalidParameterException");
        const found = secrets.get(SecretId) ?? [...secrets.values()].find(({ Name }) => Name === SecretId);
        if (!found) throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        return { ...found, VersionStages: ["AWSCURRENT"] };
      },
    },
  };
}
