export declare function removeStaging(): void;
