import { z } from "zod";
import { flag, integer, tags } from "../resource.ts";
import { alarmResource } from "./alarmResource.ts";

const schema = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmRule: z.string(),
  AlarmDescription: z.string().optional(),
  ActionsEnabled: flag.optional(),
  AlarmActions: z.array(z.string()).optional(),
  OKActions: z.array(z.string()).optional(),
  InsufficientDataActions: z.array(z.string()).optional(),
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: integer.optional(),
  ActionsSuppressorExtensionPeriod: integer.optional(),
  Tags: tags,
});

export const compositeAlarm = alarmResource("AWS::CloudWatch::CompositeAlarm", "PutCompositeAlarm", schema);
