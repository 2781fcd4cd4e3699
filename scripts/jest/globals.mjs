/**
 * What tests import as `@jest/globals`. They run in plain Node, one file after the other in a thread (`jest-light-runner`): Jest's own
 * sandbox would load every module again for every file, which costs three times the tests themselves.
 */
import { ModernFakeTimers } from "@jest/fake-timers";

export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = globalThis;

const timers = new ModernFakeTimers({ config: { fakeTimers: {} }, global: globalThis });

export const jest = {
  useFakeTimers: (settings) => timers.useFakeTimers(settings),
  useRealTimers: () => timers.useRealTimers(),
  setSystemTime: (now) => timers.setSystemTime(now),
  advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
  getTimerCount: () => timers.getTimerCount(),
};
