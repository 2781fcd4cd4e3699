import { AwsError } from "../world.ts";
import type { Json } from "./definition.ts";
import { StateError } from "./stateError.ts";

/** Calls an operation of the embedded AWS as the state machine's role. @throws AwsError */
export type CallAsRole = (service: string, operation: string, input: Record<string, unknown>) => Promise<Record<string, unknown>>;

/** What a Task's `Resource` names. `type` and `name` are its two words in the history. */
export type Resource = { type: string; name: string; run(parameters: Json, call: CallAsRole): Promise<Json> };

type Names = {
  scope: string;
  /** How errors of this service begin: `SageMaker.ResourceNotFoundException`. */
  prefix: string;
  /** Errors that its model names; any other arrives under the service's general one, `SageMaker.SageMakerException`. */
  modeled: readonly string[];
  /** The API's members begin in lower case, whereas a definition always writes upper case. */
  isLowerCase?: true;
};

const statesErrors = [
  "ExecutionAlreadyExists",
  "ExecutionDoesNotExist",
  "InvalidArn",
  "InvalidExecutionInput",
  "InvalidName",
  "StateMachineDoesNotExist",
];
const lambdaErrors = [
  "InvalidParameterValueException",
  "InvalidRequestContentException",
  "RequestTooLargeException",
  "ResourceConflictException",
  "ResourceNotFoundException",
  "ServiceException",
  "TooManyRequestsException",
];
/**
 * The services of `arn:aws:states:::aws-sdk:SERVICE:operation`.
 * Source: Step Functions developer guide, "Supported AWS SDK service integrations"; errors: each service's API model
 */
const services: Record<string, Names> = {
  applicationautoscaling: {
    scope: "application-autoscaling",
    prefix: "ApplicationAutoScaling",
    modeled: ["ConcurrentUpdateException", "LimitExceededException", "ObjectNotFoundException", "ValidationException"],
  },
  cloudwatch: {
    scope: "monitoring",
    prefix: "CloudWatch",
    modeled: ["InvalidParameterCombination", "InvalidParameterValue", "LimitExceeded", "MissingParameter", "ResourceNotFound"],
  },
  cloudwatchlogs: {
    scope: "logs",
    prefix: "CloudWatchLogs",
    modeled: ["InvalidParameterException", "ResourceAlreadyExistsException", "ResourceNotFoundException"],
    isLowerCase: true,
  },
  dynamodb: {
    scope: "dynamodb",
    prefix: "DynamoDb",
    modeled: [
      "ConditionalCheckFailedException",
      "ProvisionedThroughputExceededException",
      "ResourceInUseException",
      "ResourceNotFoundException",
      "TransactionCanceledException",
    ],
  },
  eventbridge: {
    scope: "events",
    prefix: "EventBridge",
    modeled: ["InvalidEventPatternException", "LimitExceededException", "ResourceNotFoundException"],
  },
  lambda: { scope: "lambda", prefix: "Lambda", modeled: lambdaErrors },
  s3: { scope: "s3", prefix: "S3", modeled: ["BucketAlreadyOwnedByYou", "NoSuchBucket", "NoSuchKey", "NoSuchUpload"] },
  sagemaker: {
    scope: "sagemaker",
    prefix: "SageMaker",
    modeled: ["ConflictException", "ResourceInUse", "ResourceLimitExceeded", "ResourceNotFound"],
  },
  sagemakerruntime: {
    scope: "sagemaker",
    prefix: "SageMakerRuntime",
    modeled: ["InternalFailure", "ModelError", "ModelNotReadyException", "ServiceUnavailable", "ValidationError"],
  },
  sfn: { scope: "states", prefix: "Sfn", modeled: statesErrors, isLowerCase: true },
  sqs: { scope: "sqs", prefix: "Sqs", modeled: ["InvalidMessageContents", "QueueDoesNotExist"] },
  sts: { scope: "sts", prefix: "Sts", modeled: [] },
};
const optimized = {
  lambda: { scope: "lambda", prefix: "Lambda", general: "AWSLambdaException", modeled: lambdaErrors },
  states: { scope: "states", prefix: "StepFunctions", general: "AWSStepFunctionsException", modeled: statesErrors },
};

/** @returns `null` for a resource that the embedded AWS does not provide */
export function resourceOf(arn: string): Resource | null {
  if (/^arn:aws:lambda:[^:]+:\d+:function:/.test(arn))
    return { type: "lambda", name: arn, run: (input, call) => invoke(arn, input, call).then(({ Payload }) => Payload) };
  const [type = "", name = "", pattern] = arn.startsWith("arn:aws:states:::")
    ? arn.slice("arn:aws:states:::".length).split(":")
    : [];
  if (type === "lambda" && name === "invoke" && pattern === undefined) return { type, name, run: invokeTask };
  if (type === "states" && name === "startExecution" && pattern === undefined) return { type, name, run: startExecutionTask };
  const names = services[name];
  if (type !== "aws-sdk" || !names || !/^[a-z][A-Za-z0-9]*$/.test(pattern ?? "")) return null;
  return {
    type: `aws-sdk:${name}`,
    name: pattern!,
    run: (parameters, call) => sdkTask(names, pattern!, membersOf(parameters), call),
  };
}

async function invokeTask(parameters: Json, call: CallAsRole): Promise<Json> {
  const { FunctionName, Payload = {}, InvocationType = "RequestResponse", ...others } = membersOf(parameters);
  const [unknown] = Object.keys(others);
  if (unknown) throw new StateError("States.Runtime", `The field "${unknown}" is not supported by Step Functions`, true);
  if (InvocationType === "Event") {
    const input = { FunctionName, InvocationType, Payload: JSON.stringify(Payload) };
    const { StatusCode } = await named(optimized.lambda, call("lambda", "Invoke", input));
    return { StatusCode: StatusCode as number };
  }
  return invoke(String(FunctionName), Payload, call);
}

/** @throws StateError under the function's own `errorType`, with its whole error as the cause */
async function invoke(FunctionName: string, payload: Json, call: CallAsRole) {
  const input = { FunctionName, InvocationType: "RequestResponse", Payload: JSON.stringify(payload) };
  const { FunctionError, Payload, StatusCode } = await named(optimized.lambda, call("lambda", "Invoke", input));
  const text = String(Payload ?? "null");
  const result = JSON.parse(text) as Json;
  if (!FunctionError) return { ExecutedVersion: "$LATEST", Payload: result, StatusCode: StatusCode as number };
  const { errorType } = membersOf(result);
  throw new StateError(typeof errorType === "string" && errorType !== "" ? errorType : "Lambda.Unknown", text);
}

async function startExecutionTask(parameters: Json, call: CallAsRole): Promise<Json> {
  const { StateMachineArn, Name, Input = {} } = membersOf(parameters);
  const input = {
    stateMachineArn: StateMachineArn,
    ...(Name === undefined ? {} : { name: Name }),
    input: typeof Input === "string" ? Input : JSON.stringify(Input),
  };
  const { executionArn, startDate } = await named(optimized.states, call("states", "StartExecution", input));
  return { ExecutionArn: executionArn as string, StartDate: moment(startDate) };
}

async function sdkTask(names: Names, operation: string, parameters: Record<string, Json>, call: CallAsRole): Promise<Json> {
  const { scope, isLowerCase } = names;
  const input = translated(parameters, isLowerCase ? lowerFirst : same, momentToSeconds) as Record<string, unknown>;
  // Bodies are bytes in the API and text in a definition; what is not text goes as its JSON.
  if ("Body" in input) {
    const body = typeof parameters.Body === "string" ? parameters.Body : JSON.stringify(parameters.Body);
    input.Body = Buffer.from(body);
  }
  const output = await named(names, call(scope, upperFirst(operation), input));
  return translated(output, isLowerCase ? upperFirst : same, secondsToMoment);
}

/** Gives a refusal the name that Step Functions gives it. */
async function named<T>(
  { prefix, modeled, general = `${prefix}Exception` }: { prefix: string; modeled: readonly string[]; general?: string },
  answer: Promise<T>,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const name = modeled.includes(error.code) ? error.code.replace(/(Exception)?$/, "Exception") : general;
    throw new StateError(`${prefix}.${name}`, `${error.message} (Service: ${prefix}, Status Code: ${error.status})`);
  }
}

const membersOf = (parameters: Json): Record<string, Json> =>
  typeof parameters === "object" && parameters !== null && !Array.isArray(parameters) ? parameters : {};

/** Every member by `name`, every leaf by `leaf`, which sees the member that it stands under. */
function translated(
  value: unknown,
  name: (key: string) => string,
  leaf: (value: unknown, key: string) => Json,
  under = "",
): Json {
  if (Array.isArray(value)) return value.map((item) => translated(item, name, leaf, under));
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  if (typeof value !== "object" || value === null) return leaf(value, under);
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(members.map(([key, inner]) => [name(key), translated(inner, name, leaf, key)]));
}

const same = (key: string) => key;
const lowerFirst = (key: string) => key[0]!.toLowerCase() + key.slice(1);
const upperFirst = (key: string) => key[0]!.toUpperCase() + key.slice(1);

// A definition writes moments as text, the services' protocols as seconds since 1970.
const isMoment = (key: string) => /(Time|Date|Timestamps?)$/i.test(key);
const moment = (seconds: unknown): string => new Date(Number(seconds) * 1_000).toISOString();
const momentToSeconds = (value: unknown, key: string): Json =>
  isMoment(key) && typeof value === "string" && !Number.isNaN(Date.parse(value)) ? Date.parse(value) / 1_000 : (value as Json);
const secondsToMoment = (value: unknown, key: string): Json =>
  isMoment(key) && typeof value === "number" ? moment(value) : (value as Json);
