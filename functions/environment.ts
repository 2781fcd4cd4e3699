/** A variable that the template sets. @throws Error that names it: a function without it can do nothing right */
export function variable(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value)
    throw new Error(`The environment variable ${name} is not set. serverless.yml sets it for this function; deploy again.`);
  return value;
}
