const readings = undefined;
readings.push(1);
