import { z } from "zod";
import { type Context, integer, type Made, type ResourceType } from "../resource.ts";
import { awaitResponse, type CustomResponse } from "../responses.ts";

const schema = z.looseObject({
  ServiceToken: z.string().regex(/^arn:[\w-]+:lambda:/, "is no Lambda function, and the embedded AWS asks nothing else"),
  // Source: CloudFormation user guide, AWS::CloudFormation::CustomResource: one hour where nothing is said.
  ServiceTimeout: integer.default(3_600),
});

/** What a function of the template makes: it is told what is wanted, and puts its answer to a URL. */
export const customResource = (type: string): ResourceType => {
  const ask = async (request: string, raw: unknown, ctx: Context, more: Record<string, unknown>): Promise<CustomResponse> => {
    const { ServiceToken, ServiceTimeout, ...properties } = schema.parse(raw);
    const { world, stackId, logicalId } = ctx;
    const { url, answer } = awaitResponse(world, ServiceTimeout);
    const event = {
      RequestType: request,
      ServiceToken,
      ResponseURL: url,
      StackId: stackId,
      RequestId: world.uuid("custom-request"),
      LogicalResourceId: logicalId,
      ResourceType: type,
      ResourceProperties: { ServiceToken, ...properties },
      ...more,
    };
    await ctx.call("lambda", "Invoke", {
      FunctionName: ServiceToken,
      InvocationType: "Event",
      Payload: JSON.stringify(event),
    });
    const answered = await answer;
    if (answered.Status === "FAILED")
      throw new Error(`Received response status [FAILED] from custom resource. Message returned: ${answered.Reason ?? ""}`);
    return answered;
  };
  const made = ({ PhysicalResourceId, Data }: CustomResponse): Made => {
    if (PhysicalResourceId === undefined) throw new Error("Invalid PhysicalResourceId: the custom resource's answer has none.");
    return { physicalId: PhysicalResourceId, attributes: Data };
  };
  return {
    type,
    create: async (properties, ctx) => made(await ask("Create", properties, ctx, {})),
    // Only the function knows: another physical id in its answer to an update is another resource.
    isReplacement: () => false,
    update: async (before, after, { physicalId: PhysicalResourceId }, ctx) =>
      made(await ask("Update", after, ctx, { PhysicalResourceId, OldResourceProperties: before })),
    remove: async (properties, { physicalId: PhysicalResourceId }, ctx) =>
      void (await ask("Delete", properties, ctx, { PhysicalResourceId })),
  };
};
