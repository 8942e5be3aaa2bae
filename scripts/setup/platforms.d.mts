export declare function installCommand(tool: 'pip' | 'compiler'): string;
