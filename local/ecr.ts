import { AwsError, type Operation, type Part, type World } from "./world.ts";

/** There are no image repositories, and that is the answer: the deploying framework asks for its own when it removes a stack. */
export function createEcr(world: World): Part {
  const none: Operation = (input) => {
    const names = Array.isArray(input.repositoryNames) ? input.repositoryNames : [input.repositoryName];
    throw new AwsError(
      "RepositoryNotFoundException",
      `The repository with name '${names.join(", ")}' does not exist in the registry with id '${world.accountId}'`,
    );
  };
  return { scope: "ecr", operations: { DescribeRepositories: none, DeleteRepository: none } };
}
