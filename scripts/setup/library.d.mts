export declare function hasLibrary(): boolean;
