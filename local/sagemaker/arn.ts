import type { World } from "../world.ts";

export type Resource = "model" | "endpoint-config" | "endpoint" | "inference-component";

/** SageMaker writes the resource part of its ARNs in lower case, whatever case the name has. */
export const arnOf = ({ region, accountId }: World, kind: Resource, name: string): string =>
  `arn:aws:sagemaker:${region}:${accountId}:${kind}/${name.toLowerCase()}`;
