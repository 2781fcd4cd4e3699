/** What is known of an endpoint that Assay is to watch. */
export type FoundEndpoint = {
  name: string;
  variants: string[];
  /** Instance types that it runs on. */
  instanceTypes: string[];
  /** Where it captures to; `null`: nothing is captured. */
  capture: { to: string; percentage: number } | null;
  requestsPerDay: number | null;
};

/** A bucket that captures go to already, and is somebody's: `sendsEvents` says whether EventBridge hears of its objects. */
export type FoundBucket = { name: string; prefix: string; sendsEvents: boolean; others: string[] };

/**
 * A first assay.yml: what was found, and what is worth deciding next as comments. It watches and changes nothing: no judge, which costs
 * money, and mode observe.
 * @returns YAML that `parseAssay` takes
 */
export function starterConfiguration(endpoints: readonly FoundEndpoint[], bucket: FoundBucket | null): string {
  const captures = bucket === null ? "captures" : `s3://${bucket.name}${bucket.prefix && `/${bucket.prefix}`}`;
  const why =
    bucket === null
      ? "SageMaker writes below this prefix, in a bucket that the stack creates: see its output CaptureUri."
      : "Where your endpoints capture to already. The stack only has this bucket send its events.";
  return `# What Assay watches, and how. What is left out has a default: shared/config/schema.ts says which, and why.
# Durations are minutes, latencies milliseconds, shares and scores numbers from 0 to 1.

captures: ${captures}   # ${why}
${bucket === null ? "" : "\ndeployment:\n  captureBucket: existing   # not created, not emptied, not removed; its other notifications stay\n"}
falseAlarms: 1 per 90 days   # of all endpoints together; every threshold of the monitor follows from this line

endpoints:
${endpoints.map(endpointText).join("\n")}`;
}

function endpointText({ name, variants, instanceTypes, capture, requestsPerDay }: FoundEndpoint): string {
  const traffic = requestsPerDay === null ? "" : `   # about ${Math.round(requestsPerDay)} requests a day`;
  const prices = instanceTypes.map((type) => `${type}: 1.41`).join(", ");
  return `  ${quoted(name)}:${traffic}
    variants: [${variants.map(quoted).join(", ")}]
${capture === null ? "    # Nothing is captured yet: give the endpoint a DataCaptureConfig (docs/captures.md), or Assay sees nothing of it.\n" : capture.percentage < 100 ? `    # ${capture.percentage} % of the requests are captured: that many are scored.\n` : ""}    # segment: attributes.segment      # callers send CustomAttributes such as {"segment":"billing"}; without it all is one segment
    quality: { target: 0.85, tolerance: 0.02 }   # what is aimed at, and the change that is nobody's fault
    # A judge grades few answers, and finds what cheap checks cannot. It costs money, up to the budget and never more.
    # judge:
    #   provider: bedrock
    #   model: your-model-id             # its id on Bedrock; or provider: sagemaker with endpoint: the name of another endpoint
    #   rubric: { quality: 1 means that the answer solves what was asked; 0 means that it does not. }
    #   usdPerMillionInputTokens: 0.15   # your price
    #   usdPerMillionOutputTokens: 0.60
    # evaluationBudget: { usdPerDay: 5 }
${prices === "" ? "" : `    # servingBudget: { usdPerDay: 80, usdPerInstanceHour: { ${prices} } }   # your region's price\n`}    latency: { p90OverMs: 10000 }      # alarm: one request in ten takes longer
    errors: { shareOver: 0.05 }        # alarm: more than one request in twenty ends in a 5XX
    remediation: { mode: observe }     # observe: say what would be done | approve: propose it | auto: shift traffic away
`;
}

/** A name of digits would be read as a number. */
const quoted = (name: string) =>
  /^[a-zA-Z][\w-]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off)$/i.test(name) ? name : `"${name}"`;
