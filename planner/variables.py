"""Variables of an operation: coerced as GraphQL says, and at once where there is nothing to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, get_named_type, get_nullable_type, is_list_type
from graphql.execution import VariableValues, get_variable_values
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValueSource

from planner.errors import RequestError

#: Values of these types are what was sent, if it is of this type of Python's.
_AS_THEY_ARE: Mapping[str, type] = {"ID": str, "String": str, "Boolean": bool}


@dataclass(slots=True)
class Variables:
    """Declared variables of one operation; `plain` where each is of a type whose values need no work."""

    operation: OperationDefinitionNode
    plain: Sequence[tuple[GraphQLVariableSignature, type]] | None

    @classmethod
    def of(cls, schema: GraphQLSchema, operation: OperationDefinitionNode) -> "Variables":
        plain = []
        for node in operation.variable_definitions or ():
            signature = get_variable_signature(schema, node)
            kind = _kind(signature) if isinstance(signature, GraphQLVariableSignature) else None
            if kind is None or not isinstance(signature, GraphQLVariableSignature):
                return cls(operation, None)
            plain.append((signature, kind))
        return cls(operation, plain)

    def coerced(self, schema: GraphQLSchema, given: Mapping[str, Any]) -> VariableValues:
        """Coerced variables; BAD_USER_INPUT names the first that does not fit."""
        found = None if self.plain is None else _as_they_are(self.plain, given)
        if found is not None:
            return found
        values = get_variable_values(schema, self.operation.variable_definitions or (), dict(given), max_errors=1, hide_suggestions=True)
        if isinstance(values, VariableValues):
            return values
        raise RequestError("BAD_USER_INPUT", values[0].message)


def _kind(signature: GraphQLVariableSignature) -> type | None:
    nullable = get_nullable_type(signature.type)
    return None if is_list_type(nullable) else _AS_THEY_ARE.get(get_named_type(nullable).name)


def _as_they_are(plain: Sequence[tuple[GraphQLVariableSignature, type]], given: Mapping[str, Any]) -> VariableValues | None:
    sources, coerced = {}, {}
    for signature, kind in plain:
        value = given.get(signature.name)
        if type(value) is not kind:
            return None
        sources[signature.name] = VariableValueSource(signature, value)
        coerced[signature.name] = value
    return VariableValues(sources, coerced)
