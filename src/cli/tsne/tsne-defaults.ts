/** How every t-SNE is computed and drawn unless options say otherwise. */
export const tsneDefaults = {
  /** How many of the first test images. */
  images: 500,
  perplexity: 30,
  iterations: 5000,
} as const;
