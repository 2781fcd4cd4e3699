/**
 * How long a judge call keeps others from making the same one: the timeout of `judge`, after which its holder cannot be alive.
 * Infrastructure takes the timeout from here. A call itself ends within the minute that SageMaker gives a model.
 */
export const judgeLeaseSeconds = 90;
