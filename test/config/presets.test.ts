import { expect, test } from 'vitest';
import { trainPresets } from '../../src/config/presets.ts';
import { trainOptions } from '../../src/config/train-options.ts';

test.each(Object.entries(trainPresets))(
  'the preset %s holds values that its options accept',
  (name, preset) => {
    expect(trainOptions.preset.parse(name)).toBe(name);
    for (const [key, text] of Object.entries(preset)) {
      expect(trainOptions[key as keyof typeof trainOptions].parse(text), key).toBeDefined();
    }
  },
);
