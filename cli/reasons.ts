/** Why a file could not be read, as the end of a sentence. */
export function fileReason(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return "there is no such file";
    case "EISDIR":
      return "it is a folder: name the files in it";
    case "EACCES":
    case "EPERM":
      return "reading it is not permitted";
    default:
      return messageOf(error);
  }
}

/** Why AWS could not be asked, or what it said, as the end of a sentence. */
export function awsReason(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  // The SDK has no class for this one.
  if (messageOf(error) === "Region is missing") return "no AWS region is set: set AWS_REGION, or a region in your AWS profile";
  if (name === "CredentialsProviderError") return "no AWS credentials are set: set AWS_PROFILE, or sign in";
  return `${name}: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
