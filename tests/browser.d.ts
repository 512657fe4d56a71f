// What the types of browsers leave out, for the check of assets/js.

interface ParentNode {
  // Which kind of element a selector finds, the page knows.
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface NonElementParentNode {
  getElementById(id: string): any;
}

interface Document {
  getElementById(id: string): any;
  readonly permissionsPolicy?: { allowsFeature(feature: string): boolean };
  readonly featurePolicy?: { allowsFeature(feature: string): boolean };
  readonly wasDiscarded?: boolean;
}

interface Performance {
  getEntriesByType(type: 'navigation'): PerformanceNavigationTiming[];
}
