import type { ResourceType } from "./resource.ts";
import { alarm } from "./resources/alarm.ts";
import { bucket } from "./resources/bucket.ts";
import { bucketPolicy } from "./resources/bucketPolicy.ts";
import { compositeAlarm } from "./resources/compositeAlarm.ts";
import { customResource } from "./resources/customResource.ts";
import { dashboard } from "./resources/dashboard.ts";
import { eventInvokeConfig } from "./resources/eventInvokeConfig.ts";
import { eventRule } from "./resources/eventRule.ts";
import { eventSourceMapping } from "./resources/eventSourceMapping.ts";
import { lambdaFunction } from "./resources/lambdaFunction.ts";
import { lambdaPermission } from "./resources/lambdaPermission.ts";
import { logGroup } from "./resources/logGroup.ts";
import { queue } from "./resources/queue.ts";
import { queuePolicy } from "./resources/queuePolicy.ts";
import { role } from "./resources/role.ts";
import { stateMachine } from "./resources/stateMachine.ts";
import { table } from "./resources/table.ts";
import { topic } from "./resources/topic.ts";
import { topicPolicy } from "./resources/topicPolicy.ts";

/** Every resource type that a stack of the embedded AWS can have. */
export const registry: ReadonlyMap<string, ResourceType> = new Map(
  [
    alarm,
    bucket,
    bucketPolicy,
    compositeAlarm,
    dashboard,
    eventInvokeConfig,
    eventRule,
    eventSourceMapping,
    lambdaFunction,
    lambdaPermission,
    logGroup,
    queue,
    queuePolicy,
    role,
    stateMachine,
    table,
    topic,
    topicPolicy,
  ].map((type) => [type.type, type]),
);

/** The type of a name, also of one that the template's own functions make; `undefined` for an unknown one. */
export function resourceType(name: string): ResourceType | undefined {
  return registry.get(name) ?? (/^Custom::[\w@-]{1,60}$/.test(name) ? customResource(name) : undefined);
}
