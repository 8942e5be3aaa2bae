/** How every t-SNE is computed and drawn unless options say otherwise. */
export const tsneDefaults = {
  /** The first so many test images. */
  images: 500,
  perplexity: 30,
  iterations: 5000,
} as const;
