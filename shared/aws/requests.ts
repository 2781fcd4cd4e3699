import { type CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeEndpointCommand, type SageMakerClient, SageMakerServiceException } from "@aws-sdk/client-sagemaker";

/**
 * How many requests SageMaker counted of each variant in a span, by the minute in which they came.
 * @param from whole minutes, epoch milliseconds; `toMs` is not in the span
 */
export async function countRequests(
  cloudwatch: CloudWatchClient,
  endpoint: string,
  variants: readonly string[],
  fromMs: number,
  toMs: number,
): Promise<Map<string, number>> {
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
      MetricDataQueries: variants.map((variant, i) => ({
        Id: `requests${i}`,
        MetricStat: {
          Metric: {
            Namespace: "AWS/SageMaker",
            MetricName: "Invocations",
            Dimensions: [
              { Name: "EndpointName", Value: endpoint },
              { Name: "VariantName", Value: variant },
            ],
          },
          Period: (toMs - fromMs) / 1000,
          Stat: "Sum",
        },
      })),
    }),
  );
  const sums = new Map(MetricDataResults.map(({ Id, Values = [] }) => [Id, Values.reduce((a, b) => a + b, 0)]));
  return new Map(variants.map((variant, i) => [variant, sums.get(`requests${i}`) ?? 0])); // a metric that nobody put has no value
}

/** What share of an endpoint's requests SageMaker is set to capture, in percent, `off`, or `null` where there is no such endpoint. */
export async function describeCapture(sagemaker: SageMakerClient, endpoint: string): Promise<number | "off" | null> {
  try {
    const { DataCaptureConfig } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
    const isOn = DataCaptureConfig?.EnableCapture === true && DataCaptureConfig.CaptureStatus === "Started";
    return isOn ? (DataCaptureConfig.CurrentSamplingPercentage ?? 100) : "off";
  } catch (error) {
    // SageMaker has no error of its own for "Could not find endpoint".
    if (error instanceof SageMakerServiceException && error.name === "ValidationException") return null;
    throw error;
  }
}
