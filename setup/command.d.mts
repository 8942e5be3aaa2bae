export declare function isCheckout(): boolean;
export declare function setupCommand(...flags: readonly string[]): string;
