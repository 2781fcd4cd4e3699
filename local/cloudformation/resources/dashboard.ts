import { z } from "zod";
import { defineResource } from "../resource.ts";

export const dashboard = defineResource({
  type: "AWS::CloudWatch::Dashboard",
  schema: z.strictObject({ DashboardName: z.string().optional(), DashboardBody: z.string() }),
  replacedBy: ["DashboardName"],
  create: async ({ DashboardName }, { generateName }) => ({ physicalId: DashboardName ?? generateName(255), attributes: {} }),
  configure: async ({ DashboardBody }, { physicalId: DashboardName }, { call }) =>
    void (await call("monitoring", "PutDashboard", { DashboardName, DashboardBody })),
  remove: async (_, { physicalId }, { call }) =>
    void (await call("monitoring", "DeleteDashboards", { DashboardNames: [physicalId] })),
});
