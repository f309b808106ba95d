export const view = () => ({ answer: 42 });
