declare module "asl-validator" {
  /** Notes the query language on every state of `definition`, so give it a copy. */
  export default function validate(definition: object): { isValid: boolean; errorsText(separator?: string): string };
}
