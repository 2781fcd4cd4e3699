/**
 * The endpoint is being changed, or another action on it is under way. It passes: whoever throws this wants to be called again.
 * Lambda's asynchronous invocation does so twice, then keeps the event at the failure destination.
 */
export class EndpointBusy extends Error {
  override readonly name = "EndpointBusy";
}
