// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A contract that names a QBFT network's validators, for tests
/// @notice `getValidators` is all that Besu and GoQuorum ask of it; anyone may change whom it names.
contract ValidatorSet {
    /// @notice How often the set was replaced: in a slot of its own, before the array's.
    uint256 public changes;

    address[] private _validators;

    /// @notice Names the first validators.
    /// @param validators Their accounts, in any order.
    constructor(address[] memory validators) {
        _validators = validators;
    }

    /// @notice Names others from the next block on.
    /// @param validators Their accounts, in any order.
    function replace(address[] calldata validators) external {
        ++changes;
        _validators = validators;
    }

    /// @notice Whom it names.
    /// @return Their accounts, as they were given.
    function getValidators() external view returns (address[] memory) {
        return _validators;
    }
}
