import FakeTimers from "@sinonjs/fake-timers";
import { createCloudWatch } from "../../../local/cloudwatch/part.ts";
import { AwsError, type Principal, type World } from "../../../local/world.ts";

type Invocation = { service: string; operation: string; input: Record<string, unknown>; as: Principal | undefined };
export const lambda = (name: string) => `arn:aws:lambda:eu-west-1:000000000000:function:${name}`;
export const alarmArn = (name: string) => `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${name}`;

/** CloudWatch alone, on a clock that the test moves, in a world that writes down what is invoked. */
export function cloudWatchAt(time: string) {
  const clock = FakeTimers.install({ now: Date.parse(time), toFake: ["Date", "setTimeout", "clearTimeout"] });
  const invocations: Invocation[] = [];
  const refused = new Set<string>();
  let held = 0;
  const world: World = {
    region: "eu-west-1",
    accountId: "000000000000",
    endpoint: "http://127.0.0.1:1",
    hold() {
      held++;
      return () => void held--;
    },
    enqueue: () => {},
    uuid: (kind) => `uuid-of-${kind}`,
    chance: () => 0,
    async call(service, operation, input, as) {
      if (refused.has(String(input.FunctionName))) throw new AwsError("AccessDeniedException", "Not allowed.", 403);
      invocations.push({ service, operation, input, as });
      return {};
    },
  };
  const events: Record<string, unknown>[] = [];
  const part = createCloudWatch(world, async (event) => void events.push(event));
  const call = async (operation: string, input: Record<string, unknown>, requestId = "from-outside") =>
    part.operations[operation]!(input, { principal: { kind: "admin" }, requestId });
  return {
    clock,
    part,
    call,
    invocations,
    events,
    refused,
    held: () => held,
    /** What the functions were invoked with. */
    payloads: () => invocations.map(({ input }) => JSON.parse(String(input.Payload)) as Record<string, unknown>),
    put: (MetricName: string, minute: string, ...Values: number[]) =>
      call("PutMetricData", { Namespace: "T", MetricData: [{ MetricName, Timestamp: seconds(minute), Values }] }),
    async stateOf(name: string) {
      const { MetricAlarms, CompositeAlarms } = (await call("DescribeAlarms", {
        AlarmNames: [name],
        AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
      })) as Record<string, { StateValue: string }[]>;
      return [...MetricAlarms!, ...CompositeAlarms!][0]?.StateValue;
    },
  };
}

/** `09:41` or a whole ISO time as epoch seconds. */
export const seconds = (time: string): number =>
  Date.parse(/^\d\d:\d\d(:\d\d)?$/.test(time) ? `2026-03-02T${time.length === 5 ? `${time}:00` : time}Z` : time) / 1_000;
