import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { arnOf, type Resource } from "./cloudformation.ts";

/**
 * A workflow of `statemachines/`, with the ARNs of its tasks filled in.
 * @param role  logical id of the role that it runs as
 * @param tasks placeholder in the definition → logical id of the function
 */
export function stateMachine(stage: string, name: string, role: string, tasks: Record<string, string>): Resource {
  const file = resolve(import.meta.dirname, `../statemachines/${name}.asl.json`);
  return {
    Type: "AWS::StepFunctions::StateMachine",
    Properties: {
      StateMachineName: `assay-${stage}-${name}`,
      StateMachineType: "STANDARD",
      RoleArn: arnOf(role),
      // As text: CloudFormation refuses a template with null in it, which the language of states gives a meaning.
      DefinitionString: JSON.stringify(JSON.parse(readFileSync(file, "utf8"))),
      DefinitionSubstitutions: Object.fromEntries(Object.entries(tasks).map(([task, lambda]) => [task, arnOf(lambda)])),
    },
  };
}
