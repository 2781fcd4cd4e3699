import { WrongUse } from "./exit.ts";
import { awsReason } from "./reasons.ts";

/**
 * The outputs of the deployed stack of a stage, by name.
 * @throws WrongUse where there is none, AWS cannot be asked, or the stack is older than what is asked for
 */
export async function stackOutputs<Name extends string>(stage: string, names: readonly Name[]): Promise<Record<Name, string>> {
  // Only here, so that commands on files do not wait for the SDK to load.
  const { CloudFormationClient, DescribeStacksCommand } = await import("@aws-sdk/client-cloudformation");
  const StackName = `assay-${stage}`;
  const described = await inAws(`The stack ${StackName}`, () =>
    new CloudFormationClient().send(new DescribeStacksCommand({ StackName })),
  );
  const outputs = new Map((described.Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  return Object.fromEntries(
    names.map((name) => {
      const value = outputs.get(name);
      if (value === undefined) throw new WrongUse(`The stack ${StackName} has no output ${name}. Deploy this version of Assay.`);
      return [name, value];
    }),
  ) as Record<Name, string>;
}

/** Asks AWS; where that fails, says of what in a sentence. @throws WrongUse */
export async function inAws<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof WrongUse) throw error;
    throw new WrongUse(`${what} cannot be reached: ${awsReason(error)}.`, { cause: error });
  }
}
