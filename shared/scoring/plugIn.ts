import type { Scores } from "../capture/inference.ts";

type PlugInScore = { name: string; score: number | null; metadata?: Record<string, unknown> };
/**
 * A scorer in the shape of the autoevals ecosystem. `input` is the last user turn, `output` the answer, `expected` the reference where
 * there is one. Its score is in [0, 1], or `null`.
 * Source: https://github.com/braintrustdata/autoevals, `Scorer` of js/score.ts
 */
export type PlugIn = (given: { input: string; output: string; expected?: string }) => PlugInScore | Promise<PlugInScore>;

/** By the names that assay.yml gives their modules. */
export type PlugIns = Record<string, PlugIn>;

/**
 * What an endpoint's plug-ins say of an answer, by the names that assay.yml gives their scores. A plug-in that fails, or says
 * anything but a number in [0, 1], has said nothing: `null`. One answer must not stop the others, and a failure is no bad answer.
 * Cost: the plug-in's own.
 * @param named score → module, as in assay.yml
 */
export async function scorePlugIns(
  { prompt, completion }: { prompt: string; completion: string },
  reference: string | null,
  named: Record<string, string>,
  plugIns: PlugIns,
): Promise<Scores> {
  const given = { input: prompt, output: completion, ...(reference === null ? {} : { expected: reference }) };
  const scores: Scores = {};
  for (const [name, module] of Object.entries(named)) {
    const plugIn = plugIns[module];
    if (plugIn === undefined)
      throw new Error(`The plug-in ${module} of scorers.plugIns is not there. Deploy again: it is packed with the functions.`);
    scores[name] = await said(plugIn, given);
  }
  return scores;
}

async function said(plugIn: PlugIn, given: Parameters<PlugIn>[0]): Promise<number | null> {
  try {
    const { score } = await plugIn(given);
    return typeof score === "number" && score >= 0 && score <= 1 ? score : null;
  } catch {
    return null;
  }
}
