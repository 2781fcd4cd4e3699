import { z } from "zod";
import { parseInput } from "../parseInput.ts";
import { AwsError, type Operation, type World } from "../world.ts";

const name = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, "has letters, digits, - and _ only, at most 255");
const widget = z.looseObject({
  type: z.enum(["metric", "text", "log", "alarm", "explorer"]),
  x: z.int().min(0).max(23).optional(),
  y: z.int().min(0).optional(),
  width: z.int().min(1).max(24).optional(),
  height: z.int().min(1).max(1_000).optional(),
  properties: z.record(z.string(), z.unknown()),
});
const body = z.looseObject({ widgets: z.array(widget).max(500) });

const schemas = {
  put: z.strictObject({ DashboardName: name, DashboardBody: z.string() }),
  get: z.strictObject({ DashboardName: name }),
  list: z.strictObject({ DashboardNamePrefix: z.string().default("") }),
  remove: z.strictObject({ DashboardNames: z.array(name) }),
};
const parse = <T>(schema: z.ZodType<T>, input: Record<string, unknown>): T => parseInput(schema, input, "InvalidParameterValue");

/** Dashboards are kept and given back; nobody draws them here. */
export function dashboardOperations(world: World): Record<string, Operation> {
  const dashboards = new Map<string, { text: string; modifiedAtMs: number }>();
  const arnOf = (dashboard: string) => `arn:aws:cloudwatch::${world.accountId}:dashboard/${dashboard}`;
  const missing = (dashboard: string) =>
    new AwsError("DashboardNotFoundError", `Dashboard ${dashboard} does not exist`, 404, {
      __type: "com.amazonaws.cloudwatch.v2010_08_01#DashboardNotFoundError",
    });
  return {
    PutDashboard(input) {
      const { DashboardName, DashboardBody } = parse(schemas.put, input);
      const problem = problemOf(DashboardBody);
      if (problem !== null) throw new AwsError("InvalidParameterInput", `The dashboard body is invalid: ${problem}`);
      dashboards.set(DashboardName, { text: DashboardBody, modifiedAtMs: Date.now() });
      return { DashboardValidationMessages: [] };
    },
    GetDashboard(input) {
      const { DashboardName } = parse(schemas.get, input);
      const found = dashboards.get(DashboardName);
      if (!found) throw missing(DashboardName);
      return { DashboardName, DashboardArn: arnOf(DashboardName), DashboardBody: found.text };
    },
    ListDashboards(input) {
      const { DashboardNamePrefix } = parse(schemas.list, input);
      const found = [...dashboards].filter(([dashboard]) => dashboard.startsWith(DashboardNamePrefix));
      return {
        DashboardEntries: found.map(([DashboardName, { text, modifiedAtMs }]) => ({
          DashboardName,
          DashboardArn: arnOf(DashboardName),
          LastModified: modifiedAtMs / 1_000,
          Size: Buffer.byteLength(text),
        })),
      };
    },
    DeleteDashboards(input) {
      const { DashboardNames } = parse(schemas.remove, input);
      const gone = DashboardNames.find((dashboard) => !dashboards.has(dashboard));
      if (gone !== undefined) throw missing(gone);
      for (const dashboard of DashboardNames) dashboards.delete(dashboard);
      return {};
    },
  };
}

function problemOf(text: string): string | null {
  try {
    const [issue] = body.safeParse(JSON.parse(text)).error?.issues ?? [];
    return issue ? `${issue.path.join(".")}: ${issue.message}` : null;
  } catch {
    return "it is not JSON";
  }
}
