'a'.repeat(1_000_000).indexOf('a'.repeat(500_000) + 'b');
