import { Text } from "../scoring/text.ts";

/** More would be too few questions each to say anything of one. */
export const mostClusters = 32;
/** A question shows what it is about long before, and reading a pasted document again would cost more than scoring it. */
const longestText = 4_000;

/**
 * Which of `clusters` clusters a question belongs to, from 1. Every word of 4 letters and more votes for or against each cluster, by a
 * hash of its first letters and the cluster, and the cluster with most votes has it: of `clusters` fixed random directions the one nearest to
 * the sum of the words' random vectors. Questions that share most of their words mostly share their cluster. The clusters follow from
 * nothing but their number, so they are the same in a baseline and in every window after it, and nobody has to name them.
 * `null` where the text has no such word.
 * Sources: random indexing, Kanerva, Kristoferson & Holst 2000; the nearest random direction as a hash, Andoni et al. 2015,
 * arXiv:1509.02897
 */
export function promptCluster(text: string, clusters: number): number | null {
  const { stem, count } = new Text(text.slice(0, longestText)).words;
  // A word that comes often is about the same thing as one that comes once.
  const stems = new Set(stem.slice(0, count));
  stems.delete(0);
  if (stems.size === 0) return null;
  const votes = new Array<number>(clusters).fill(0);
  for (const hash of stems)
    for (let cluster = 0; cluster < clusters; cluster++) votes[cluster]! += mixed(hash + Math.imul(cluster, goldenRatio));
  return votes.indexOf(Math.max(...votes)) + 1;
}

/** 2^32 / φ: its multiples are far apart. */
const goldenRatio = 0x9e3779b9;

/** A number between -2^31 and 2^31. Every bit of the result depends on all of `hash`. Source: finalizer of MurmurHash3, Appleby, public domain */
function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
