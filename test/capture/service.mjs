// A service in plain JavaScript, as a user of assay/capture writes it. It ends without a word to the capture.
import {
  InvokeEndpointCommand,
  InvokeEndpointWithResponseStreamCommand,
  SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { captureStreams } from "assay/capture";

const runtime = new SageMakerRuntimeClient();
captureStreams(runtime, { destination: "s3://captures/prod" });

const request = (content) => ({
  EndpointName: "support-chat",
  ContentType: "application/json",
  Body: JSON.stringify({ stream: true, messages: [{ role: "user", content }] }),
});
const ask = (content, more) => runtime.send(new InvokeEndpointWithResponseStreamCommand({ ...request(content), ...more }));

let text = "";
const { Body } = await ask("Hello?", { InferenceId: "order-7", CustomAttributes: "segment=billing" });
for await (const { PayloadPart } of Body) text += Buffer.from(PayloadPart.Bytes).toString();

const { Body: leftAlone } = await ask("Hello?", { InferenceId: "left" });
let parts = 0;
for await (const _ of leftAlone) if (++parts === 2) break;

const refused = await ask("Who are you?", { InferenceId: "refused" }).catch(({ name }) => name);
await runtime.send(new InvokeEndpointCommand(request("Hello?")));
process.stdout.write(JSON.stringify({ text, refused }));
